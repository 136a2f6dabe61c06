// SPDX-License-Identifier: GPL-2.0
/*
 * Big-endian bytes to and from the chip.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "wire.h"

void vtpm_wr_init(struct vtpm_wr *wr, void *p, size_t cap)
{
	*wr = (struct vtpm_wr){ .p = p, .cap = cap };
}

static u8 *wr_take(struct vtpm_wr *wr, size_t len)
{
	u8 *p = wr->p + wr->len;

	if (wr->bad || len > wr->cap - wr->len) {
		wr->bad = true;
		return NULL;
	}
	wr->len += len;
	return p;
}

void vtpm_wr_u8(struct vtpm_wr *wr, u8 v)
{
	u8 *p = wr_take(wr, 1);

	if (p)
		*p = v;
}

void vtpm_wr_u16(struct vtpm_wr *wr, u16 v)
{
	u8 *p = wr_take(wr, 2);

	if (p)
		put_unaligned_be16(v, p);
}

void vtpm_wr_u32(struct vtpm_wr *wr, u32 v)
{
	u8 *p = wr_take(wr, 4);

	if (p)
		put_unaligned_be32(v, p);
}

void vtpm_wr_bytes(struct vtpm_wr *wr, const void *src, size_t len)
{
	u8 *p = wr_take(wr, len);

	if (p && len)
		memcpy(p, src, len);
}

void vtpm_wr_zero(struct vtpm_wr *wr, size_t len)
{
	u8 *p = wr_take(wr, len);

	if (p)
		memset(p, 0, len);
}

void vtpm_wr_2b(struct vtpm_wr *wr, const void *p, size_t len)
{
	if (len > U16_MAX)
		wr->bad = true;
	vtpm_wr_u16(wr, len);
	vtpm_wr_bytes(wr, p, len);
}

size_t vtpm_wr_begin(struct vtpm_wr *wr)
{
	vtpm_wr_u16(wr, 0);
	return wr->len;
}

void vtpm_wr_end(struct vtpm_wr *wr, size_t mark)
{
	if (wr->bad)
		return;
	if (mark < 2 || wr->len - mark > U16_MAX) {
		wr->bad = true;
		return;
	}
	put_unaligned_be16(wr->len - mark, wr->p + mark - 2);
}

void vtpm_wr_patch_u32(struct vtpm_wr *wr, size_t at, u32 v)
{
	if (wr->bad)
		return;
	if (wr->len < 4 || at > wr->len - 4) {
		wr->bad = true;
		return;
	}
	put_unaligned_be32(v, wr->p + at);
}

void vtpm_rd_init(struct vtpm_rd *rd, const void *p, size_t len)
{
	*rd = (struct vtpm_rd){ .p = p, .left = len };
}

const u8 *vtpm_rd_bytes(struct vtpm_rd *rd, size_t len)
{
	const u8 *p = rd->p;

	if (rd->bad || len > rd->left) {
		rd->bad = true;
		return NULL;
	}
	rd->p += len;
	rd->left -= len;
	return p;
}

u8 vtpm_rd_u8(struct vtpm_rd *rd)
{
	const u8 *p = vtpm_rd_bytes(rd, 1);

	return p ? *p : 0;
}

u16 vtpm_rd_u16(struct vtpm_rd *rd)
{
	const u8 *p = vtpm_rd_bytes(rd, 2);

	return p ? get_unaligned_be16(p) : 0;
}

u32 vtpm_rd_u32(struct vtpm_rd *rd)
{
	const u8 *p = vtpm_rd_bytes(rd, 4);

	return p ? get_unaligned_be32(p) : 0;
}

const u8 *vtpm_rd_2b(struct vtpm_rd *rd, size_t *len)
{
	const u8 *p;

	*len = vtpm_rd_u16(rd);
	p = vtpm_rd_bytes(rd, *len);
	if (!p)
		*len = 0;
	return p;
}

void vtpm_rd_number(struct vtpm_rd *rd, u8 *out, size_t size)
{
	size_t len;
	const u8 *p = vtpm_rd_2b(rd, &len);

	memset(out, 0, size);
	for (; len > size && !*p; p++)
		len--;
	if (len > size)
		rd->bad = true;
	else if (len)
		memcpy(out + size - len, p, len);
}

void vtpm_rd_sub(struct vtpm_rd *rd, struct vtpm_rd *sub)
{
	size_t len;
	const u8 *p = vtpm_rd_2b(rd, &len);

	vtpm_rd_init(sub, p, len);
	sub->bad = rd->bad;
}
