// SPDX-License-Identifier: GPL-2.0
/* DER, bounded by the cursors of cursor.h on either side. */
#include <linux/string.h>

#include "der.h"
#include "types.h"

#define LONG_FORM	0x80
#define HIGH_TAG	0x1f

/* --- reading --- */

/* One byte, or one or two more; the indefinite form is not DER. */
static size_t rd_length(struct vtpm2_rd *rd)
{
	u8 first = vtpm2_rd_u8(rd);

	if (first < LONG_FORM)
		return first;
	switch (first - LONG_FORM) {
	case 1:
		return vtpm2_rd_u8(rd);
	case 2:
		return vtpm2_rd_u16(rd);
	default:
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
		return 0;
	}
}

bool vtpm2_der_next(struct vtpm2_rd *rd, struct vtpm2_der *e)
{
	e->all.p = rd->p;
	e->tag = vtpm2_rd_u8(rd);
	if ((e->tag & HIGH_TAG) == HIGH_TAG)
		vtpm2_rd_fail(rd, TPM2_RC_TAG);
	e->value.len = rd_length(rd);
	e->value.p = vtpm2_rd_bytes(rd, e->value.len);
	if (rd->err)
		return false;
	e->all.len = rd->p - e->all.p;
	return true;
}

bool vtpm2_der_bits(const struct vtpm2_der *e, u32 *bits)
{
	const struct vtpm2_bytes *v = &e->value;
	u8 unused;
	size_t i;

	if (e->tag != DER_BIT_STRING || v->len < 1 ||
	    v->len > 1 + sizeof(*bits))
		return false;
	unused = v->p[0];
	if (unused > 7 || (v->len == 1 && unused))
		return false;
	*bits = 0;
	for (i = 1; i < v->len; i++)
		*bits |= (u32)v->p[i] << (32 - 8 * i);
	if (v->len > 1)
		*bits &= ~0u << (32 - 8 * (v->len - 1) + unused);
	return true;
}

/* --- writing --- */

/* Bytes that a length takes after the first. */
static unsigned int length_more(size_t len)
{
	if (len < LONG_FORM)
		return 0;
	return len < 0x100 ? 1 : 2;
}

void vtpm2_der_header(struct vtpm2_wr *wr, u8 tag, size_t len)
{
	unsigned int more = length_more(len);

	vtpm2_wr_u8(wr, tag);
	if (more)
		vtpm2_wr_u8(wr, LONG_FORM + more);
	if (more > 1)
		vtpm2_wr_u8(wr, len >> 8);
	vtpm2_wr_u8(wr, len);
}

size_t vtpm2_der_begin(struct vtpm2_wr *wr, u8 tag)
{
	size_t at = wr->len;

	vtpm2_der_header(wr, tag, 0);
	return at;
}

/* The header that begin has left room for may turn out to be longer. */
void vtpm2_der_end(struct vtpm2_wr *wr, size_t at)
{
	static const u8 room[2];
	struct vtpm2_wr header;
	size_t len, head;

	if (wr->overflow)
		return;
	len = wr->len - at - 2;
	head = 2 + length_more(len);
	vtpm2_wr_bytes(wr, room, head - 2);
	if (wr->overflow)
		return;
	/* len bytes were written there, and head - 2 after them */
	memmove(wr->p + at + head, wr->p + at + 2, len);
	vtpm2_wr_init(&header, wr->p + at, head);
	vtpm2_der_header(&header, wr->p[at], len);
}

void vtpm2_der_integer(struct vtpm2_wr *wr, const u8 *p, size_t len)
{
	bool sign;

	while (len > 1 && !*p) {
		p++;
		len--;
	}
	/* a leading bit that is set would be taken for a sign */
	sign = !len || (*p & 0x80);
	vtpm2_der_header(wr, DER_INTEGER, len + sign);
	if (sign)
		vtpm2_wr_u8(wr, 0);
	vtpm2_wr_bytes(wr, p, len);
}
