// SPDX-License-Identifier: GPL-2.0
/*
 * The device's side of a split virtqueue whose requests are TPM commands.
 */
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/virtio_ring.h>

#include "mem.h"
#include "ring.h"

/* Virtio 1.2, 2.7.5; little-endian, for VIRTIO_F_VERSION_1 is required. */
struct vtpm_ring_desc {
	__le64 addr;
	__le32 len;
	__le16 flags;
	__le16 next;
};

/* Virtio 1.2, 2.7.8. */
struct vtpm_ring_used {
	__le32 id;
	__le32 len;
};

/* The driver area: flags, index, entries, used_event (virtio 1.2, 2.7.6). */
static u64 vtpm_ring_avail_idx(const struct vtpm_ring *ring)
{
	return ring->avail + 2;
}

static u64 vtpm_ring_avail_entry(const struct vtpm_ring *ring, u16 index)
{
	return ring->avail + 4 + 2 * (index & (ring->num - 1));
}

static u64 vtpm_ring_used_event(const struct vtpm_ring *ring)
{
	return ring->avail + 4 + 2 * ring->num;
}

/* The device area: flags, index, entries, avail_event (virtio 1.2, 2.7.8). */
static u64 vtpm_ring_used_idx(const struct vtpm_ring *ring)
{
	return ring->used + 2;
}

static u64 vtpm_ring_used_entry(const struct vtpm_ring *ring, u16 index)
{
	return ring->used + 4 +
	       sizeof(struct vtpm_ring_used) * (index & (ring->num - 1));
}

static u64 vtpm_ring_avail_event(const struct vtpm_ring *ring)
{
	return ring->used + 4 + sizeof(struct vtpm_ring_used) * ring->num;
}

/**
 * vtpm_ring_valid() - can this be a ring?
 * @ring: its size and addresses have been set
 *
 * Return: false if the size or an alignment is none that virtio allows. Whether
 * the addresses mean anything shows when they are used.
 */
bool vtpm_ring_valid(const struct vtpm_ring *ring)
{
	return ring->num && ring->num <= VTPM_RING_NUM_MAX &&
	       is_power_of_2(ring->num) && IS_ALIGNED(ring->desc, 16) &&
	       IS_ALIGNED(ring->avail, 2) && IS_ALIGNED(ring->used, 4);
}

/**
 * vtpm_ring_seek() - say where to begin
 * @ring: the ring
 * @index: of the next request, and response: none is under way
 */
void vtpm_ring_seek(struct vtpm_ring *ring, u16 index)
{
	ring->next_avail = index;
	ring->next_used = index;
	ring->signalled_valid = false;
}

/* Adds what one descriptor describes to the request. */
static int vtpm_ring_take(struct vtpm_ring *ring, struct vtpm_request *req,
			  const struct vtpm_ring_desc *desc)
{
	u64 addr = le64_to_cpu(desc->addr);
	u32 len = le32_to_cpu(desc->len);
	u64 at = req->cmd_len;

	if (le16_to_cpu(desc->flags) & VRING_DESC_F_WRITE) {
		/* A chain has no more descriptors than there are rooms. */
		req->room[req->rooms].iova = addr;
		req->room[req->rooms++].len = len;
		req->room_len += len;
		return 0;
	}
	/* Virtio 1.2, 2.7.4.2: readable ones come first. */
	if (req->rooms)
		return -EINVAL;
	req->cmd_len += len;
	if (at >= sizeof(req->cmd))
		return 0;
	/* Bounded by what is left of the buffer. */
	return vtpm_mem_read(ring->mem, addr, req->cmd + at,
			     min_t(u64, len, sizeof(req->cmd) - at));
}

/*
 * Follows a chain. Zero or more descriptors of the ring's table may be followed
 * by one that stands for a table of its own (virtio 1.2, 2.7.5.3).
 */
static int vtpm_ring_walk(struct vtpm_ring *ring, struct vtpm_request *req)
{
	u32 entries = ring->num;
	u64 table = ring->desc;
	u16 flags, index = req->head;
	struct vtpm_ring_desc desc;
	bool indirect = false;
	unsigned int i;
	int rc;

	for (i = 0; i < VTPM_RING_CHAIN_MAX; i++) {
		if (index >= entries)
			return -EINVAL;
		rc = vtpm_mem_read(ring->mem, table + index * sizeof(desc),
				   &desc, sizeof(desc));
		if (rc)
			return rc;
		flags = le16_to_cpu(desc.flags);
		if (flags & VRING_DESC_F_INDIRECT) {
			u32 size = le32_to_cpu(desc.len);

			if (!ring->indirect || indirect ||
			    flags & VRING_DESC_F_NEXT || size % sizeof(desc))
				return -EINVAL;
			table = le64_to_cpu(desc.addr);
			entries = size / sizeof(desc);
			index = 0;
			indirect = true;
			continue;
		}
		rc = vtpm_ring_take(ring, req, &desc);
		if (rc || !(flags & VRING_DESC_F_NEXT))
			return rc;
		index = le16_to_cpu(desc.next);
	}
	return -ELOOP;
}

/* How many requests wait; more than there can be is -EINVAL. */
static int vtpm_ring_pending(struct vtpm_ring *ring)
{
	u16 index, pending;

	if (vtpm_mem_read16(ring->mem, vtpm_ring_avail_idx(ring), &index))
		return -EFAULT;
	pending = index - ring->next_avail;
	return pending > ring->num ? -EINVAL : pending;
}

/* The same, and if there is none, the driver will kick for the next one. */
static int vtpm_ring_pending_or_kick(struct vtpm_ring *ring)
{
	int pending = vtpm_ring_pending(ring);

	if (pending || !ring->event_idx)
		return pending;
	if (vtpm_mem_write16(ring->mem, vtpm_ring_avail_event(ring),
			     ring->next_avail))
		return -EFAULT;
	/* One that came before the driver could see it did not kick. */
	virt_mb();
	return vtpm_ring_pending(ring);
}

/**
 * vtpm_ring_get() - take the next request
 * @ring: a valid ring
 * @req: out
 *
 * Return: 1; 0 there is none, and the driver will kick for the next; or an
 * errno: the driver broke the rules, or memory is not there.
 */
int vtpm_ring_get(struct vtpm_ring *ring, struct vtpm_request *req)
{
	int rc = vtpm_ring_pending_or_kick(ring);

	if (rc <= 0)
		return rc;
	/* The index says that what follows is there: read it after that. */
	virt_rmb();
	req->rooms = 0;
	req->room_len = 0;
	req->cmd_len = 0;
	rc = vtpm_mem_read16(ring->mem,
			     vtpm_ring_avail_entry(ring, ring->next_avail),
			     &req->head);
	if (!rc)
		rc = vtpm_ring_walk(ring, req);
	if (rc)
		return rc;
	ring->next_avail++;
	return 1;
}

/* Writes the response to the rooms that were taken with the request. */
static int vtpm_ring_scatter(struct vtpm_ring *ring,
			     const struct vtpm_request *req, const u8 *rsp,
			     size_t len)
{
	unsigned int i;
	int rc;

	/* All of it fits: the caller has compared it with @room_len. */
	for (i = 0; len; i++) {
		size_t n = min_t(size_t, len, req->room[i].len);

		rc = vtpm_mem_write(ring->mem, req->room[i].iova, rsp, n);
		if (rc)
			return rc;
		rsp += n;
		len -= n;
	}
	return 0;
}

/**
 * vtpm_ring_put() - answer a request
 * @ring: the ring that it came from, not reset in between
 * @req: the request
 * @rsp: the response
 * @len: its length
 *
 * Where there is not room for all of the response, the driver gets nothing and
 * a length of 0.
 *
 * Return: 0 or -EFAULT.
 */
int vtpm_ring_put(struct vtpm_ring *ring, const struct vtpm_request *req,
		  const u8 *rsp, size_t len)
{
	struct vtpm_ring_used used = { .id = cpu_to_le32(req->head) };
	int rc;

	if (len <= req->room_len) {
		rc = vtpm_ring_scatter(ring, req, rsp, len);
		if (rc)
			return rc;
		used.len = cpu_to_le32(len);
	}
	rc = vtpm_mem_write(ring->mem,
			    vtpm_ring_used_entry(ring, ring->next_used), &used,
			    sizeof(used));
	if (rc)
		return rc;
	/* The index says that it is there: write it after that. */
	virt_wmb();
	ring->next_used++;
	return vtpm_mem_write16(ring->mem, vtpm_ring_used_idx(ring),
				ring->next_used);
}

/**
 * vtpm_ring_signal() - does the driver want an interrupt?
 * @ring: the ring, after vtpm_ring_put()
 *
 * Return: 1 it does, 0 it does not, or -EFAULT.
 */
int vtpm_ring_signal(struct vtpm_ring *ring)
{
	u16 event, old = ring->signalled, new = ring->next_used;
	bool known = ring->signalled_valid;

	/* The index is written before what the driver wants is read. */
	virt_mb();
	if (!ring->event_idx) {
		if (vtpm_mem_read16(ring->mem, ring->avail, &event))
			return -EFAULT;
		return !(event & VRING_AVAIL_F_NO_INTERRUPT);
	}
	if (vtpm_mem_read16(ring->mem, vtpm_ring_used_event(ring), &event))
		return -EFAULT;
	ring->signalled = new;
	ring->signalled_valid = true;
	return !known || vring_need_event(event, new, old);
}
