// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer over the virtqueue (ring.c, mem.c): the input is a driver's memory
 * and what its driver does while the device works on it.
 *
 *	setup (16 bytes) | steps (4 bytes each) | the first bytes of the memory
 *
 * Whatever the driver does, the device must touch only bytes that are mapped
 * with the permission that it needs at that moment: the oracle keeps its own,
 * plain account of that, one byte for each byte of memory.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/mem.h"
#include "../../drivers/vtpm_mux/ring.h"

#define RAM		0x3000
#define REGION		0x400		/* what is mapped at once */
#define REGIONS		(RAM / REGION)
#define STEPS_MAX	64

/* Where the driver's memory is for the device; the last addresses that exist. */
static const uint64_t bases[] = { 0, 0x10000, 0ULL - RAM };

static uint8_t *ram;			/* on the heap, where ASAN guards it */
static uint8_t allowed[RAM];		/* VHOST_MAP_* of each byte */
static uint64_t base;
static unsigned int faults;
static struct vtpm_mem mem;
static struct vtpm_ring ring;
static struct vtpm_request req;
static bool under_way, broken;

static void oracle(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static bool fuzz_copy(u64 addr, void *buf, size_t len, bool write)
{
	uint64_t at = addr - (uintptr_t)ram;
	size_t i;

	oracle(mem.lock.held, "copied without the lock");
	oracle(len && at < RAM && len <= RAM - at, "copied outside the memory");
	for (i = at; i < at + len; i++)
		oracle(allowed[i] & (write ? VHOST_MAP_WO : VHOST_MAP_RO),
		       "copied where it may not");
	if (faults) {
		faults--;
		return false;
	}
	memcpy(write ? (void *)(uintptr_t)addr : buf,
	       write ? buf : (void *)(uintptr_t)addr, len);
	return true;
}

static bool fuzz_fault_in(u64 addr, size_t len, bool write)
{
	oracle(!mem.lock.held, "may sleep under the lock");
	return true;
}

static const struct vtpm_mem_ops fuzz_ops = {
	.copy = fuzz_copy,
	.fault_in = fuzz_fault_in,
};

static void map_region(unsigned int i, uint32_t perm)
{
	uint32_t at = i % REGIONS * REGION;

	if (allowed[at])
		return;
	if (vtpm_mem_map(&mem, base + at, REGION, (uintptr_t)ram + at, perm))
		return;
	memset(allowed + at, perm & VHOST_MAP_RW, REGION);
}

static void unmap_region(unsigned int i)
{
	uint32_t at = i % REGIONS * REGION;

	vtpm_mem_unmap(&mem, base + at + 1, 1);
	memset(allowed + at, 0, REGION);
}

static void reset(const uint8_t *in)
{
	ring.num = in[0] & 0x80 ? in[0] : 1u << (in[0] & 7);
	ring.indirect = in[1] & 1;
	ring.event_idx = in[1] & 2;
	ring.desc = base + get_unaligned_le16(in + 2) % RAM * 16;
	ring.avail = base + get_unaligned_le16(in + 4) * 2 % RAM;
	ring.used = base + get_unaligned_le16(in + 6) * 4 % RAM;
	vtpm_ring_seek(&ring, get_unaligned_le16(in + 8));
	under_way = false;
	broken = !vtpm_ring_valid(&ring);
}

static void take(void)
{
	uint64_t room = 0;
	unsigned int i;
	u16 before = ring.next_avail;
	int rc;

	if (broken || under_way)
		return;
	rc = vtpm_ring_get(&ring, &req);
	oracle(rc <= 1, "more than one request");
	oracle(ring.next_avail == (u16)(before + (rc == 1)), "lost count");
	broken = rc < 0;
	under_way = rc == 1;
	if (!under_way)
		return;
	oracle(req.head < ring.num, "a head outside the ring");
	oracle(req.rooms <= VTPM_RING_CHAIN_MAX, "too many rooms");
	for (i = 0; i < req.rooms; i++)
		room += req.room[i].len;
	oracle(room == req.room_len, "rooms do not add up");
}

static void answer(size_t len)
{
	static uint8_t rsp[3968];
	u16 before = ring.next_used;

	if (broken || !under_way)
		return;
	under_way = false;
	broken = vtpm_ring_put(&ring, &req, rsp, len % (sizeof(rsp) + 1)) < 0 ||
		 vtpm_ring_signal(&ring) < 0;
	if (!broken)
		oracle(ring.next_used == (u16)(before + 1), "lost count");
}

static void step(const uint8_t *in)
{
	uint16_t arg = get_unaligned_le16(in + 2);

	switch (in[0] % 8) {
	case 0:
	case 1:
		take();
		break;
	case 2:
		answer(arg);
		break;
	case 3:
		map_region(in[1], arg);
		break;
	case 4:
		unmap_region(in[1]);
		break;
	case 5:	/* the driver writes, whenever it likes */
		ram[arg % RAM] = in[1];
		break;
	case 6:
		faults = in[1] % 20;
		break;
	case 7:	/* it offers one more */
		arg = ring.avail - base + 2;
		if (arg < RAM - 1)
			put_unaligned_le16(get_unaligned_le16(ram + arg) + 1, ram + arg);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int i, steps;

	if (size < 16)
		return 0;
	ram = calloc(1, RAM);
	if (!ram)
		abort();
	memset(allowed, 0, sizeof(allowed));
	memset(&req, 0xa5, sizeof(req));
	base = bases[data[10] % 3];
	faults = 0;
	vtpm_mem_init(&mem, &fuzz_ops);
	ring = (struct vtpm_ring){ .mem = &mem };
	for (i = 0; i < REGIONS; i++)
		map_region(i, get_unaligned_le32(data + 12) >> (2 * i));
	reset(data);
	steps = data[11] % STEPS_MAX;
	data += 16;
	size -= 16;
	if (size < 4 * steps)
		steps = size / 4;
	memcpy(ram, data + 4 * steps, size - 4 * steps < RAM ? size - 4 * steps : RAM);
	for (i = 0; i < steps; i++)
		step(data + 4 * i);
	vtpm_mem_clear(&mem);
	oracle(!mem.iotlb.nmaps, "a map is left");
	free(ram);
	return 0;
}
