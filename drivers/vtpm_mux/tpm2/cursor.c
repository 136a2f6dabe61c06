// SPDX-License-Identifier: GPL-2.0
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "cursor.h"
#include "types.h"

void vtpm2_rd_init(struct vtpm2_rd *rd, const void *p, size_t len)
{
	*rd = (struct vtpm2_rd){ .p = p, .left = len };
}

void vtpm2_rd_fail(struct vtpm2_rd *rd, u32 rc)
{
	if (rd->err)
		return;
	if (rd->param && (rc & TPM2_RC_FMT1) && !(rc & ~0xbfu))
		rc = vtpm2_rc_p(rc, rd->param);
	rd->err = rc;
}

const u8 *vtpm2_rd_bytes(struct vtpm2_rd *rd, size_t len)
{
	const u8 *p = rd->p;

	if (rd->err)
		return NULL;
	if (len > rd->left) {
		vtpm2_rd_fail(rd, TPM2_RC_INSUFFICIENT);
		return NULL;
	}
	rd->p += len;
	rd->left -= len;
	return p;
}

void vtpm2_rd_copy(struct vtpm2_rd *rd, void *out, size_t len)
{
	const u8 *p = vtpm2_rd_bytes(rd, len);

	if (p)
		memcpy(out, p, len);
	else
		memset(out, 0, len);
}

u8 vtpm2_rd_u8(struct vtpm2_rd *rd)
{
	const u8 *p = vtpm2_rd_bytes(rd, 1);

	return p ? *p : 0;
}

u16 vtpm2_rd_u16(struct vtpm2_rd *rd)
{
	const u8 *p = vtpm2_rd_bytes(rd, 2);

	return p ? get_unaligned_be16(p) : 0;
}

u32 vtpm2_rd_u32(struct vtpm2_rd *rd)
{
	const u8 *p = vtpm2_rd_bytes(rd, 4);

	return p ? get_unaligned_be32(p) : 0;
}

u64 vtpm2_rd_u64(struct vtpm2_rd *rd)
{
	const u8 *p = vtpm2_rd_bytes(rd, 8);

	return p ? get_unaligned_be64(p) : 0;
}

struct vtpm2_bytes vtpm2_rd_2b(struct vtpm2_rd *rd, size_t max)
{
	struct vtpm2_bytes b = { .len = vtpm2_rd_u16(rd) };

	if (b.len > max)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	b.p = vtpm2_rd_bytes(rd, b.len);
	if (!b.p)
		b.len = 0;
	return b;
}

bool vtpm2_rd_bool(struct vtpm2_rd *rd)
{
	u8 v = vtpm2_rd_u8(rd);

	if (v > 1)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return v;
}

void vtpm2_rd_begin(struct vtpm2_rd *rd, struct vtpm2_rd *sub)
{
	size_t len = vtpm2_rd_u16(rd);
	const u8 *p = vtpm2_rd_bytes(rd, len);

	*sub = (struct vtpm2_rd){
		.p = p,
		.left = p ? len : 0,
		.err = rd->err,
		.param = rd->param,
	};
}

void vtpm2_rd_end(struct vtpm2_rd *rd, struct vtpm2_rd *sub)
{
	if (!sub->err && sub->left)
		vtpm2_rd_fail(sub, TPM2_RC_SIZE);
	if (sub->err && !rd->err)
		rd->err = sub->err;
}

void vtpm2_wr_init(struct vtpm2_wr *wr, void *p, size_t cap)
{
	*wr = (struct vtpm2_wr){ .p = p, .cap = cap };
}

/* Room for @len bytes, or NULL and the sticky overflow. */
static u8 *wr_take(struct vtpm2_wr *wr, size_t len)
{
	u8 *p = wr->p + wr->len;

	if (wr->overflow || len > wr->cap - wr->len) {
		wr->overflow = true;
		return NULL;
	}
	wr->len += len;
	return p;
}

void vtpm2_wr_bytes(struct vtpm2_wr *wr, const void *p, size_t len)
{
	u8 *to = wr_take(wr, len);

	if (to && len)
		memcpy(to, p, len);
}

void vtpm2_wr_u8(struct vtpm2_wr *wr, u8 v)
{
	vtpm2_wr_bytes(wr, &v, 1);
}

void vtpm2_wr_u16(struct vtpm2_wr *wr, u16 v)
{
	u8 *to = wr_take(wr, 2);

	if (to)
		put_unaligned_be16(v, to);
}

void vtpm2_wr_u32(struct vtpm2_wr *wr, u32 v)
{
	u8 *to = wr_take(wr, 4);

	if (to)
		put_unaligned_be32(v, to);
}

void vtpm2_wr_u64(struct vtpm2_wr *wr, u64 v)
{
	u8 *to = wr_take(wr, 8);

	if (to)
		put_unaligned_be64(v, to);
}

void vtpm2_wr_2b(struct vtpm2_wr *wr, const void *p, size_t len)
{
	if (len > U16_MAX) {
		wr->overflow = true;
		return;
	}
	vtpm2_wr_u16(wr, len);
	vtpm2_wr_bytes(wr, p, len);
}

size_t vtpm2_wr_begin(struct vtpm2_wr *wr)
{
	size_t at = wr->len;

	vtpm2_wr_u16(wr, 0);
	return at;
}

void vtpm2_wr_end(struct vtpm2_wr *wr, size_t at)
{
	size_t len = wr->len - at - 2;

	if (wr->overflow || len > U16_MAX)
		wr->overflow = true;
	else
		put_unaligned_be16(len, wr->p + at);
}

size_t vtpm2_wr_hole32(struct vtpm2_wr *wr)
{
	size_t at = wr->len;

	vtpm2_wr_u32(wr, 0);
	return at;
}

void vtpm2_wr_patch32(struct vtpm2_wr *wr, size_t at, u32 v)
{
	if (!wr->overflow)
		put_unaligned_be32(v, wr->p + at);
}
