// SPDX-License-Identifier: GPL-2.0
/*
 * The virtqueue and the memory it is in, against drivers that keep the rules and
 * drivers that break them.
 */
#include <asm/byteorder.h>
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/virtio_ring.h>

#include "../../drivers/vtpm_mux/mem.h"
#include "../../drivers/vtpm_mux/ring.h"

/* What the driver has, at device addresses that are no addresses of ours. */
#define BASE		0x100000000ULL
#define SIZE		0x8000
#define DESC		0x0000
#define AVAIL		0x1000
#define USED		0x2000
#define TABLE		0x3000	/* an indirect one */
#define CMD		0x4000
#define RSP		0x6000
#define NUM		8

struct driver {
	struct vtpm_mem mem;
	struct vtpm_ring ring;
	struct vtpm_request req;
	u16 avail_idx;
	u8 ram[SIZE] __aligned(16);
};

/* Faults that copies are to have before one succeeds, and what was done. */
static unsigned int faults, faulted_in;

static bool test_copy(u64 addr, void *buf, size_t len, bool write)
{
	void *p = (void *)(unsigned long)addr;

	if (faults) {
		faults--;
		return false;
	}
	if (write)
		memcpy(p, buf, len);
	else
		memcpy(buf, p, len);
	return true;
}

static bool test_fault_in(u64 addr, size_t len, bool write)
{
	faulted_in++;
	return true;
}

static const struct vtpm_mem_ops test_ops = {
	.copy = test_copy,
	.fault_in = test_fault_in,
};

static void free_driver(void *ctx)
{
	struct driver *d = ctx;

	vtpm_mem_clear(&d->mem);
}

/* Maps [from, to) of the driver's memory at its place. */
static void map(struct kunit *test, struct driver *d, u32 from, u32 to, u32 perm)
{
	KUNIT_ASSERT_EQ(test, vtpm_mem_map(&d->mem, BASE + from, to - from,
					   (unsigned long)d->ram + from, perm), 0);
}

static struct driver *new_driver_unmapped(struct kunit *test)
{
	struct driver *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	faults = 0;
	faulted_in = 0;
	vtpm_mem_init(&d->mem, &test_ops);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, free_driver, d), 0);
	d->ring = (struct vtpm_ring){
		.mem = &d->mem,
		.desc = BASE + DESC,
		.avail = BASE + AVAIL,
		.used = BASE + USED,
		.num = NUM,
		.indirect = true,
	};
	KUNIT_ASSERT_TRUE(test, vtpm_ring_valid(&d->ring));
	vtpm_ring_seek(&d->ring, 0);
	memset(d->ram + CMD, 0xc0, 0x2000);
	return d;
}

static struct driver *new_driver(struct kunit *test)
{
	struct driver *d = new_driver_unmapped(test);

	map(test, d, 0, SIZE, VHOST_MAP_RW);
	return d;
}

static void desc_at(struct driver *d, u32 table, u16 index, u64 addr, u32 len,
		    u16 flags, u16 next)
{
	u8 *p = d->ram + table + 16 * index;

	put_unaligned_le64(addr, p);
	put_unaligned_le32(len, p + 8);
	put_unaligned_le16(flags, p + 12);
	put_unaligned_le16(next, p + 14);
}

static void desc(struct driver *d, u16 index, u64 addr, u32 len, u16 flags,
		 u16 next)
{
	desc_at(d, DESC, index, BASE + addr, len, flags, next);
}

static void offer(struct driver *d, u16 head)
{
	put_unaligned_le16(head, d->ram + AVAIL + 4 + 2 * (d->avail_idx % NUM));
	put_unaligned_le16(++d->avail_idx, d->ram + AVAIL + 2);
}

/* A command of @len bytes and room for @room, in the two usual descriptors. */
static void offer_plain(struct driver *d, u32 len, u32 room)
{
	desc(d, 0, CMD, len, VRING_DESC_F_NEXT, 1);
	desc(d, 1, RSP, room, VRING_DESC_F_WRITE, 0);
	offer(d, 0);
}

static int get(struct driver *d)
{
	return vtpm_ring_get(&d->ring, &d->req);
}

static int put(struct driver *d, size_t len)
{
	static u8 rsp[4096];

	memset(rsp, 0x5a, sizeof(rsp));
	return vtpm_ring_put(&d->ring, &d->req, rsp, len);
}

static u16 used_idx(struct driver *d)
{
	return get_unaligned_le16(d->ram + USED + 2);
}

/* Is the last used element this one? */
static void expect_used(struct kunit *test, struct driver *d, u16 idx, u32 id,
			u32 len)
{
	u8 *p = d->ram + USED + 4 + 8 * ((u16)(idx - 1) % NUM);

	KUNIT_EXPECT_EQ(test, used_idx(d), idx);
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(p), id);
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(p + 4), len);
}

/* The bytes from @from to @to are what they were. */
static void expect_untouched(struct kunit *test, struct driver *d, u32 from,
			     u32 to, u8 byte)
{
	for (; from < to && d->ram[from] == byte; from++)
		;
	KUNIT_EXPECT_EQ(test, from, to);
}

static void ring_plain(struct kunit *test)
{
	struct driver *d = new_driver(test);

	KUNIT_EXPECT_EQ(test, get(d), 0);
	offer_plain(d, 12, 4096);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.head, (u16)0);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, 12ULL);
	KUNIT_EXPECT_EQ(test, d->req.room_len, 4096ULL);
	KUNIT_EXPECT_MEMEQ(test, d->req.cmd, d->ram + CMD, 12);
	KUNIT_EXPECT_EQ(test, get(d), 0);
	KUNIT_EXPECT_EQ(test, put(d, 10), 0);
	expect_used(test, d, 1, 0, 10);
	KUNIT_EXPECT_EQ(test, d->ram[RSP + 9], (u8)0x5a);
	KUNIT_EXPECT_EQ(test, d->ram[RSP + 10], (u8)0);
}

static void ring_indices_wrap(struct kunit *test)
{
	struct driver *d = new_driver(test);
	unsigned int i;

	vtpm_ring_seek(&d->ring, 0xfff0);
	d->avail_idx = 0xfff0;
	put_unaligned_le16(0xfff0, d->ram + AVAIL + 2);
	for (i = 1; i <= 40; i++) {
		offer_plain(d, 12, 100);
		KUNIT_ASSERT_EQ(test, get(d), 1);
		KUNIT_ASSERT_EQ(test, put(d, i), 0);
		expect_used(test, d, (u16)(0xfff0 + i), 0, i);
	}
	KUNIT_EXPECT_EQ(test, get(d), 0);
}

static void ring_many_descriptors(struct kunit *test)
{
	struct driver *d = new_driver(test);

	desc(d, 3, CMD, 2, VRING_DESC_F_NEXT, 5);
	desc(d, 5, CMD + 2, 0, VRING_DESC_F_NEXT, 1);
	desc(d, 1, CMD + 2, 10, VRING_DESC_F_NEXT, 2);
	desc(d, 2, RSP, 3, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0);
	desc(d, 0, RSP + 100, 0, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 7);
	desc(d, 7, RSP + 200, 100, VRING_DESC_F_WRITE, 0);
	offer(d, 3);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, 12ULL);
	KUNIT_EXPECT_EQ(test, d->req.room_len, 103ULL);
	KUNIT_ASSERT_EQ(test, put(d, 10), 0);
	expect_used(test, d, 1, 3, 10);
	KUNIT_EXPECT_EQ(test, d->ram[RSP + 2], (u8)0x5a);
	expect_untouched(test, d, RSP + 3, RSP + 200, 0);
	KUNIT_EXPECT_EQ(test, d->ram[RSP + 206], (u8)0x5a);
	expect_untouched(test, d, RSP + 207, SIZE, 0);
}

static void ring_indirect(struct kunit *test)
{
	struct driver *d = new_driver(test);

	/* the table's own write flag means nothing */
	desc(d, 1, TABLE, 2 * 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE, 99);
	desc_at(d, TABLE, 0, BASE + CMD, 12, VRING_DESC_F_NEXT, 1);
	desc_at(d, TABLE, 1, BASE + RSP, 64, VRING_DESC_F_WRITE, 0);
	offer(d, 1);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, 12ULL);
	KUNIT_ASSERT_EQ(test, put(d, 10), 0);
	expect_used(test, d, 1, 1, 10);

	/* after descriptors of the ring's */
	desc(d, 0, CMD, 4, VRING_DESC_F_NEXT, 1);
	offer(d, 0);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, 16ULL);
}

static void ring_indirect_as_long_as_a_queue(struct kunit *test)
{
	struct driver *d = new_driver(test);
	unsigned int i;

	desc(d, 0, TABLE, 65 * 16, VRING_DESC_F_INDIRECT, 0);
	for (i = 0; i < 64; i++)
		desc_at(d, TABLE, i, BASE + RSP + i, 1,
			VRING_DESC_F_WRITE | (i < 63 ? VRING_DESC_F_NEXT : 0), i + 1);
	offer(d, 0);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.rooms, 64u);
	KUNIT_ASSERT_EQ(test, put(d, 64), 0);
	expect_used(test, d, 1, 0, 64);

	desc_at(d, TABLE, 63, BASE + RSP, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 64);
	desc_at(d, TABLE, 64, BASE + RSP, 1, VRING_DESC_F_WRITE, 0);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -ELOOP);
}

static void ring_bad_indirect(struct kunit *test)
{
	static const struct {
		u32 len;
		u16 flags;
		u16 inner;	/* flags of the table's first */
		bool negotiated;
	} bad[] = {
		{ 32, VRING_DESC_F_INDIRECT, 0, false },
		{ 32, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 0, true },
		{ 32, VRING_DESC_F_INDIRECT, VRING_DESC_F_INDIRECT, true },
		{ 33, VRING_DESC_F_INDIRECT, 0, true },
		{ 15, VRING_DESC_F_INDIRECT, 0, true },
		{ 0, VRING_DESC_F_INDIRECT, 0, true },
		/* its first one points behind the table */
		{ 16, VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct driver *d = new_driver(test);

		d->ring.indirect = bad[i].negotiated;
		desc(d, 0, TABLE, bad[i].len, bad[i].flags, 1);
		desc(d, 1, RSP, 16, VRING_DESC_F_WRITE, 0);
		desc_at(d, TABLE, 0, BASE + CMD, 16, bad[i].inner, 1);
		desc_at(d, TABLE, 1, BASE + RSP, 16, VRING_DESC_F_WRITE, 0);
		offer(d, 0);
		KUNIT_EXPECT_EQ_MSG(test, get(d), -EINVAL, "case %u", i);
		KUNIT_EXPECT_EQ(test, used_idx(d), (u16)0);
	}
}

static void ring_loops(struct kunit *test)
{
	struct driver *d = new_driver(test);

	desc(d, 0, CMD, 4, VRING_DESC_F_NEXT, 1);
	desc(d, 1, CMD, 4, VRING_DESC_F_NEXT, 0);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -ELOOP);

	/* in the writable part, where each turn takes room */
	d = new_driver(test);
	desc(d, 0, RSP, 4, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -ELOOP);

	d = new_driver(test);
	desc(d, 0, TABLE, 32, VRING_DESC_F_INDIRECT, 0);
	desc_at(d, TABLE, 0, BASE + RSP, U32_MAX, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	desc_at(d, TABLE, 1, BASE + RSP, U32_MAX, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -ELOOP);
}

static void ring_bad_indices(struct kunit *test)
{
	struct driver *d = new_driver(test);

	/* a next that is outside the ring */
	desc(d, 0, CMD, 12, VRING_DESC_F_NEXT, NUM);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -EINVAL);

	/* a head that is */
	d = new_driver(test);
	offer(d, NUM);
	KUNIT_EXPECT_EQ(test, get(d), -EINVAL);

	/* more requests than there can be, ahead of us and behind us */
	d = new_driver(test);
	put_unaligned_le16(NUM + 1, d->ram + AVAIL + 2);
	KUNIT_EXPECT_EQ(test, get(d), -EINVAL);
	put_unaligned_le16(0xffff, d->ram + AVAIL + 2);
	KUNIT_EXPECT_EQ(test, get(d), -EINVAL);

	/* readable after writable */
	d = new_driver(test);
	desc(d, 0, RSP, 12, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	desc(d, 1, CMD, 12, 0, 0);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -EINVAL);
}

static void ring_one_buffer_for_both(struct kunit *test)
{
	struct driver *d = new_driver(test);

	desc(d, 0, CMD, 12, VRING_DESC_F_NEXT, 1);
	desc(d, 1, CMD, 4096, VRING_DESC_F_WRITE, 0);
	offer(d, 0);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_ASSERT_EQ(test, put(d, 20), 0);
	expect_used(test, d, 1, 0, 20);
	KUNIT_EXPECT_EQ(test, d->req.cmd[0], (u8)0xc0);
	KUNIT_EXPECT_EQ(test, d->ram[CMD], (u8)0x5a);
}

static void ring_command_lengths(struct kunit *test)
{
	struct driver *d = new_driver(test);

	offer_plain(d, VTPM_RING_CMD_MAX, 100);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, (u64)VTPM_RING_CMD_MAX);
	KUNIT_EXPECT_MEMEQ(test, d->req.cmd, d->ram + CMD, VTPM_RING_CMD_MAX);

	/* too long: what is too much is not even looked at */
	desc(d, 0, CMD, VTPM_RING_CMD_MAX - 1, VRING_DESC_F_NEXT, 1);
	desc(d, 1, CMD, U32_MAX, VRING_DESC_F_NEXT, 2);
	desc(d, 2, 0xdead0000, U32_MAX, VRING_DESC_F_NEXT, 3);
	desc(d, 3, RSP, 100, VRING_DESC_F_WRITE, 0);
	offer(d, 0);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, VTPM_RING_CMD_MAX - 1 + 2ULL * U32_MAX);
	KUNIT_EXPECT_EQ(test, d->req.head, (u16)0);
	KUNIT_EXPECT_EQ(test, put(d, 10), 0);

	/* none at all */
	desc(d, 0, RSP, 100, VRING_DESC_F_WRITE, 0);
	offer(d, 0);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.cmd_len, 0ULL);
	KUNIT_EXPECT_EQ(test, put(d, 10), 0);

	/* a length that reaches beyond the memory */
	desc(d, 0, SIZE - 8, 12, VRING_DESC_F_NEXT, 1);
	offer(d, 0);
	KUNIT_EXPECT_EQ(test, get(d), -EFAULT);
}

static void ring_little_room(struct kunit *test)
{
	struct driver *d = new_driver(test);

	offer_plain(d, 12, 9);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_ASSERT_EQ(test, put(d, 10), 0);
	expect_used(test, d, 1, 0, 0);
	expect_untouched(test, d, RSP, SIZE, 0);

	desc(d, 0, CMD, 12, 0, 0);
	offer(d, 0);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, d->req.room_len, 0ULL);
	KUNIT_ASSERT_EQ(test, put(d, 10), 0);
	expect_used(test, d, 2, 0, 0);
}

static void ring_changes_after_it_was_read(struct kunit *test)
{
	struct driver *d = new_driver(test);

	offer_plain(d, 12, 64);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	/* the driver moves the room, makes it small and read-only, and loops */
	desc(d, 1, TABLE, 1, VRING_DESC_F_NEXT, 1);
	memset(d->ram + AVAIL, 0xff, 2 + 2 + 2 * NUM);
	memset(d->ram + CMD, 0, 12);
	KUNIT_EXPECT_EQ(test, d->req.cmd[11], (u8)0xc0);
	KUNIT_ASSERT_EQ(test, put(d, 64), 0);
	expect_used(test, d, 1, 0, 64);
	KUNIT_EXPECT_EQ(test, d->ram[RSP + 63], (u8)0x5a);
	expect_untouched(test, d, TABLE, CMD, 0);
	expect_untouched(test, d, RSP + 64, SIZE, 0);
}

static void ring_unmapped_under_way(struct kunit *test)
{
	struct driver *d = new_driver_unmapped(test);

	map(test, d, 0, CMD, VHOST_MAP_RW);
	map(test, d, CMD, RSP, VHOST_MAP_RO);
	map(test, d, RSP, SIZE, VHOST_MAP_WO);
	offer_plain(d, 12, 64);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	vtpm_mem_unmap(&d->mem, BASE + RSP, 1);
	KUNIT_EXPECT_EQ(test, put(d, 64), -EFAULT);
	expect_untouched(test, d, RSP, SIZE, 0);
	KUNIT_EXPECT_EQ(test, used_idx(d), (u16)0);

	/* the ring itself */
	map(test, d, RSP, SIZE, VHOST_MAP_WO);
	vtpm_mem_unmap(&d->mem, BASE, CMD);
	KUNIT_EXPECT_EQ(test, put(d, 64), -EFAULT);
	KUNIT_EXPECT_EQ(test, used_idx(d), (u16)0);
	KUNIT_EXPECT_EQ(test, get(d), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_ring_signal(&d->ring), -EFAULT);
	vtpm_mem_clear(&d->mem);
	KUNIT_EXPECT_EQ(test, get(d), -EFAULT);
}

static void ring_permissions(struct kunit *test)
{
	static const u32 perms[][3] = {	/* ring, command, response */
		{ VHOST_MAP_RW, VHOST_MAP_WO, VHOST_MAP_RW },
		{ VHOST_MAP_RW, VHOST_MAP_RO, VHOST_MAP_RO },
		{ VHOST_MAP_RO, VHOST_MAP_RO, VHOST_MAP_WO },
		{ VHOST_MAP_WO, VHOST_MAP_RO, VHOST_MAP_WO },
		{ 0, VHOST_MAP_RW, VHOST_MAP_RW },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(perms); i++) {
		struct driver *d = new_driver_unmapped(test);
		int rc;

		map(test, d, 0, CMD, perms[i][0]);
		map(test, d, CMD, RSP, perms[i][1]);
		map(test, d, RSP, SIZE, perms[i][2]);
		offer_plain(d, 12, 64);
		rc = get(d);
		if (rc == 1)
			rc = put(d, 64);
		KUNIT_EXPECT_EQ_MSG(test, rc, -EFAULT, "case %u", i);
		KUNIT_EXPECT_EQ(test, used_idx(d), (u16)0);
	}
}

static void ring_event_idx(struct kunit *test)
{
	struct driver *d = new_driver(test);
	u8 *used_event = d->ram + AVAIL + 4 + 2 * NUM;
	u8 *avail_event = d->ram + USED + 4 + 8 * NUM;
	unsigned int i;

	d->ring.event_idx = true;
	vtpm_ring_seek(&d->ring, 0);
	/* before it says that there is none, it asks to be kicked */
	put_unaligned_le16(7, avail_event);
	KUNIT_EXPECT_EQ(test, get(d), 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_le16(avail_event), (u16)0);

	/* the third response is what the driver waits for; the first is always told */
	put_unaligned_le16(2, used_event);
	for (i = 0; i < 5; i++) {
		offer_plain(d, 12, 64);
		KUNIT_ASSERT_EQ(test, get(d), 1);
		KUNIT_ASSERT_EQ(test, put(d, 10), 0);
		KUNIT_EXPECT_EQ(test, vtpm_ring_signal(&d->ring), i == 0 || i == 2);
	}
	KUNIT_EXPECT_EQ(test, get(d), 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_le16(avail_event), (u16)5);
	/* the flags do not count then */
	put_unaligned_le16(5, used_event);
	put_unaligned_le16(VRING_AVAIL_F_NO_INTERRUPT, d->ram + AVAIL);
	offer_plain(d, 12, 64);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_ASSERT_EQ(test, put(d, 10), 0);
	KUNIT_EXPECT_EQ(test, vtpm_ring_signal(&d->ring), 1);
}

static void ring_no_interrupt(struct kunit *test)
{
	struct driver *d = new_driver(test);

	KUNIT_EXPECT_EQ(test, vtpm_ring_signal(&d->ring), 1);
	put_unaligned_le16(VRING_AVAIL_F_NO_INTERRUPT, d->ram + AVAIL);
	KUNIT_EXPECT_EQ(test, vtpm_ring_signal(&d->ring), 0);
}

static void ring_shapes(struct kunit *test)
{
	struct driver *d = new_driver(test);
	static const u32 bad[] = { 0, 3, 6, 65, 128, 0x10000, U32_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		d->ring.num = bad[i];
		KUNIT_EXPECT_FALSE(test, vtpm_ring_valid(&d->ring));
	}
	for (i = 1; i <= VTPM_RING_NUM_MAX; i *= 2) {
		d->ring.num = i;
		KUNIT_EXPECT_TRUE(test, vtpm_ring_valid(&d->ring));
	}
	d->ring.desc += 8;
	KUNIT_EXPECT_FALSE(test, vtpm_ring_valid(&d->ring));
	d->ring.desc -= 8;
	d->ring.avail++;
	KUNIT_EXPECT_FALSE(test, vtpm_ring_valid(&d->ring));
	d->ring.avail--;
	d->ring.used += 2;
	KUNIT_EXPECT_FALSE(test, vtpm_ring_valid(&d->ring));
}

/* A ring at the end of the address space has no memory behind it. */
static void ring_at_the_end(struct kunit *test)
{
	struct driver *d = new_driver(test);

	d->ring.avail = U64_MAX - 1;
	KUNIT_EXPECT_EQ(test, get(d), -EFAULT);
	d->ring.avail = BASE + AVAIL;
	d->ring.desc = U64_MAX - 15;
	offer(d, 1);
	KUNIT_EXPECT_EQ(test, get(d), -EFAULT);
	d->ring.desc = BASE + DESC;
	d->ring.used = U64_MAX - 3;
	offer_plain(d, 12, 64);
	put_unaligned_le16(0, d->ram + AVAIL + 4);
	KUNIT_ASSERT_EQ(test, get(d), 1);
	KUNIT_EXPECT_EQ(test, put(d, 10), -EFAULT);
}

static void mem_ranges(struct kunit *test)
{
	struct driver *d = new_driver_unmapped(test);
	const u64 end = U64_MAX - 7;
	u8 buf[32] = {};
	u16 v;

	memset(d->ram, 0xee, 64);
	/* nothing is mapped at first */
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, 0, buf, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, BASE, buf, 1), -EFAULT);
	/* two that touch are as good as one, but for an index */
	map(test, d, 0, 9, VHOST_MAP_RW);
	map(test, d, 9, 20, VHOST_MAP_RO);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, BASE, buf, 20), 0);
	KUNIT_EXPECT_EQ(test, buf[19], (u8)0xee);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, BASE, buf, 21), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_mem_write(&d->mem, BASE, buf, 10), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read16(&d->mem, BASE + 8, &v), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_mem_write16(&d->mem, BASE + 8, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_mem_write16(&d->mem, BASE + 6, 0x1234), 0);
	KUNIT_EXPECT_EQ(test, d->ram[6], (u8)0x34);
	/* a gap */
	map(test, d, 21, 30, VHOST_MAP_RW);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, BASE + 15, buf, 10), -EFAULT);
	/* the last eight addresses that there are: what follows is not 0 */
	KUNIT_ASSERT_EQ(test, vtpm_mem_map(&d->mem, end, 8, (unsigned long)d->ram,
					   VHOST_MAP_RW), 0);
	KUNIT_ASSERT_EQ(test, vtpm_mem_map(&d->mem, 0, 8, (unsigned long)d->ram,
					   VHOST_MAP_RW), 0);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, end, buf, 8), 0);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, end, buf, 9), -EFAULT);
	/* no length, no address */
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, 0xdead0000, buf, 0), 0);
	/* what wraps cannot be mapped */
	KUNIT_EXPECT_EQ(test, vtpm_mem_map(&d->mem, end, 9, 0, VHOST_MAP_RW), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm_mem_map(&d->mem, 16, 9, U64_MAX - 7, VHOST_MAP_RW),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm_mem_map(&d->mem, 16, 0, 0, VHOST_MAP_RW), -EINVAL);
	vtpm_mem_clear(&d->mem);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, U64_MAX, buf, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, BASE, buf, 1), -EFAULT);
}

static void mem_faults(struct kunit *test)
{
	struct driver *d = new_driver(test);
	u8 buf[4] = {};

	d->ram[0] = 7;
	faults = 3;
	KUNIT_EXPECT_EQ(test, vtpm_mem_read(&d->mem, BASE, buf, 4), 0);
	KUNIT_EXPECT_EQ(test, buf[0], (u8)7);
	KUNIT_EXPECT_EQ(test, faulted_in, 3u);
	/* a page that never stays is not waited for */
	faults = U32_MAX;
	KUNIT_EXPECT_EQ(test, vtpm_mem_write(&d->mem, BASE, buf, 4), -EFAULT);
	KUNIT_EXPECT_LT(test, faulted_in, 100u);
	faults = 0;
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_plain),
	KUNIT_CASE(ring_indices_wrap),
	KUNIT_CASE(ring_many_descriptors),
	KUNIT_CASE(ring_indirect),
	KUNIT_CASE(ring_indirect_as_long_as_a_queue),
	KUNIT_CASE(ring_bad_indirect),
	KUNIT_CASE(ring_loops),
	KUNIT_CASE(ring_bad_indices),
	KUNIT_CASE(ring_one_buffer_for_both),
	KUNIT_CASE(ring_command_lengths),
	KUNIT_CASE(ring_little_room),
	KUNIT_CASE(ring_changes_after_it_was_read),
	KUNIT_CASE(ring_unmapped_under_way),
	KUNIT_CASE(ring_permissions),
	KUNIT_CASE(ring_event_idx),
	KUNIT_CASE(ring_no_interrupt),
	KUNIT_CASE(ring_shapes),
	KUNIT_CASE(ring_at_the_end),
	KUNIT_CASE(mem_ranges),
	KUNIT_CASE(mem_faults),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "vtpm_ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
