/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Big-endian bytes to and from the chip.
 *
 * Cursors with a sticky error: write or read all fields, then check once.
 * Nothing here trusts a length: a write that does not fit is dropped, a read
 * past the end yields zeroes and NULL.
 */
#ifndef VTPM_HW_WIRE_H
#define VTPM_HW_WIRE_H

#include <linux/types.h>

/**
 * struct vtpm_wr - writing cursor
 * @p: start of the buffer
 * @len: bytes written
 * @cap: size of the buffer
 * @bad: a write did not fit, or a size does not fit its field
 */
struct vtpm_wr {
	u8 *p;
	size_t len;
	size_t cap;
	bool bad;
};

/**
 * struct vtpm_rd - reading cursor
 * @p: next byte
 * @left: bytes from @p on that may be read
 * @bad: a read went past the end, or a value does not fit its place
 */
struct vtpm_rd {
	const u8 *p;
	size_t left;
	bool bad;
};

void vtpm_wr_init(struct vtpm_wr *wr, void *p, size_t cap);
void vtpm_wr_u8(struct vtpm_wr *wr, u8 v);
void vtpm_wr_u16(struct vtpm_wr *wr, u16 v);
void vtpm_wr_u32(struct vtpm_wr *wr, u32 v);
void vtpm_wr_bytes(struct vtpm_wr *wr, const void *p, size_t len);
void vtpm_wr_zero(struct vtpm_wr *wr, size_t len);
/* TPM2B: u16 size, then bytes. */
void vtpm_wr_2b(struct vtpm_wr *wr, const void *p, size_t len);
/* A TPM2B around what is written between the two calls. */
size_t vtpm_wr_begin(struct vtpm_wr *wr);
void vtpm_wr_end(struct vtpm_wr *wr, size_t mark);
/* Overwrite four bytes at @at, which have been written already. */
void vtpm_wr_patch_u32(struct vtpm_wr *wr, size_t at, u32 v);

void vtpm_rd_init(struct vtpm_rd *rd, const void *p, size_t len);
u8 vtpm_rd_u8(struct vtpm_rd *rd);
u16 vtpm_rd_u16(struct vtpm_rd *rd);
u32 vtpm_rd_u32(struct vtpm_rd *rd);
/* @len bytes in place, or NULL. */
const u8 *vtpm_rd_bytes(struct vtpm_rd *rd, size_t len);
/* A TPM2B in place; *@len is 0 after an error. */
const u8 *vtpm_rd_2b(struct vtpm_rd *rd, size_t *len);
/* A TPM2B that holds an unsigned number, into @size bytes with leading zeroes. */
void vtpm_rd_number(struct vtpm_rd *rd, u8 *out, size_t size);
/* A TPM2B that holds a structure: @sub reads its contents. */
void vtpm_rd_sub(struct vtpm_rd *rd, struct vtpm_rd *sub);

/* Was everything read, and nothing more? */
static inline bool vtpm_rd_done(const struct vtpm_rd *rd)
{
	return !rd->bad && !rd->left;
}

#endif
