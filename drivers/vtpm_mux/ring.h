/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device's side of a split virtqueue (virtio 1.2, 2.7) whose requests are
 * TPM commands.
 *
 *	descriptors:  [ command, readable ]* -> [ room for the response, writable ]*
 *	used element: { head of the chain, bytes of the response }
 *
 * The driver is not trusted, and it may change everything at any time. Each
 * byte is therefore fetched once, and it is the copy that is checked and used:
 * a request has nothing of the driver's memory in it but the addresses of the
 * room for the response, which mean something, or no longer, when it is
 * written. Whatever breaks the rules that a driver has to keep is an error, after
 * which the ring is not touched again until the driver resets the device.
 *
 * Nothing here knows vDPA: tests/fuzz and tests/kunit run it over memory of
 * their own.
 */
#ifndef VTPM_RING_H
#define VTPM_RING_H

#include <linux/types.h>

struct vtpm_mem;

/* Largest queue. One command is under way at a time; two descriptors will do. */
#define VTPM_RING_NUM_MAX	64

/*
 * Descriptors of one chain, and the one that stands for an indirect table. A
 * chain that is longer loops: a driver's must not be longer than its queue.
 */
#define VTPM_RING_CHAIN_MAX	(VTPM_RING_NUM_MAX + 1)

/* Largest command, as a write to /dev/tpmN. */
#define VTPM_RING_CMD_MAX	4096

/**
 * struct vtpm_ring - a virtqueue
 * @mem: what its addresses mean
 * @desc: address of the descriptor area
 * @avail: of the driver area
 * @used: of the device area
 * @num: size of the queue
 * @indirect: VIRTIO_F_INDIRECT_DESC was negotiated
 * @event_idx: VIRTIO_F_EVENT_IDX was negotiated
 * @next_avail: of the driver's requests, the one to take next
 * @next_used: where the next response goes
 * @signalled: @next_used when vtpm_ring_signal() looked last
 * @signalled_valid: it did
 */
struct vtpm_ring {
	struct vtpm_mem *mem;
	u64 desc;
	u64 avail;
	u64 used;
	u32 num;
	bool indirect;
	bool event_idx;
	u16 next_avail;
	u16 next_used;
	u16 signalled;
	bool signalled_valid;
};

/* Room for a part of the response. */
struct vtpm_ring_room {
	u64 iova;
	u32 len;
};

/**
 * struct vtpm_request - a request that was taken out of a ring
 * @head: its name in the ring
 * @rooms: how many @room there are
 * @room: where the response goes
 * @room_len: bytes of them all
 * @cmd_len: bytes of the command; more than VTPM_RING_CMD_MAX if it is too long,
 *	and then nothing of @cmd is to be used
 * @cmd: the command
 */
struct vtpm_request {
	u16 head;
	unsigned int rooms;
	struct vtpm_ring_room room[VTPM_RING_CHAIN_MAX];
	u64 room_len;
	u64 cmd_len;
	u8 cmd[VTPM_RING_CMD_MAX];
};

bool vtpm_ring_valid(const struct vtpm_ring *ring);
void vtpm_ring_seek(struct vtpm_ring *ring, u16 index);
int vtpm_ring_get(struct vtpm_ring *ring, struct vtpm_request *req);
int vtpm_ring_put(struct vtpm_ring *ring, const struct vtpm_request *req,
		  const u8 *rsp, size_t len);
int vtpm_ring_signal(struct vtpm_ring *ring);

#endif
