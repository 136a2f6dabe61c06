/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cursors over TPM wire bytes (Part 2, 4: big-endian, packed).
 *
 * These are the only functions of the engine that look at lengths in guest
 * bytes. Errors stick: after the first one every read yields zeroes and every
 * write is dropped, so a handler reads all of its fields and checks once.
 */
#ifndef VTPM2_CURSOR_H
#define VTPM2_CURSOR_H

#include <linux/types.h>

/**
 * struct vtpm2_bytes - a view of bytes owned by somebody else
 * @p: the first one
 * @len: their number
 */
struct vtpm2_bytes {
	const u8 *p;
	size_t len;
};

/**
 * struct vtpm2_rd - reading cursor
 * @p: next byte
 * @left: bytes from @p on that may be read
 * @err: first error, a complete TPM response code; 0 = none
 * @param: number of the parameter being read, 0 outside the parameter area
 */
struct vtpm2_rd {
	const u8 *p;
	size_t left;
	u32 err;
	u8 param;
};

void vtpm2_rd_init(struct vtpm2_rd *rd, const void *p, size_t len);
/* Make @rc (numbered by @rd->param if it is a format-one code) the error. */
void vtpm2_rd_fail(struct vtpm2_rd *rd, u32 rc);
u8 vtpm2_rd_u8(struct vtpm2_rd *rd);
u16 vtpm2_rd_u16(struct vtpm2_rd *rd);
u32 vtpm2_rd_u32(struct vtpm2_rd *rd);
u64 vtpm2_rd_u64(struct vtpm2_rd *rd);
/* @len bytes in place; NULL after an error (and for @len 0 then). */
const u8 *vtpm2_rd_bytes(struct vtpm2_rd *rd, size_t len);
/* Copy @len bytes to @out; zeroes after an error. */
void vtpm2_rd_copy(struct vtpm2_rd *rd, void *out, size_t len);
/* TPM2B of at most @max bytes, in place. TPM_RC_SIZE above @max. */
struct vtpm2_bytes vtpm2_rd_2b(struct vtpm2_rd *rd, size_t max);
/* TPMI_YES_NO: TPM_RC_VALUE unless 0 or 1. */
bool vtpm2_rd_bool(struct vtpm2_rd *rd);
/*
 * A TPM2B that holds a structure: @sub reads its contents. vtpm2_rd_end()
 * hands an error of @sub, or TPM_RC_SIZE for bytes left in it, to @rd.
 */
void vtpm2_rd_begin(struct vtpm2_rd *rd, struct vtpm2_rd *sub);
void vtpm2_rd_end(struct vtpm2_rd *rd, struct vtpm2_rd *sub);

/**
 * struct vtpm2_wr - writing cursor
 * @p: start of the buffer
 * @len: bytes written
 * @cap: size of the buffer
 * @overflow: a write did not fit; @len no longer means anything
 */
struct vtpm2_wr {
	u8 *p;
	size_t len;
	size_t cap;
	bool overflow;
};

void vtpm2_wr_init(struct vtpm2_wr *wr, void *p, size_t cap);
void vtpm2_wr_u8(struct vtpm2_wr *wr, u8 v);
void vtpm2_wr_u16(struct vtpm2_wr *wr, u16 v);
void vtpm2_wr_u32(struct vtpm2_wr *wr, u32 v);
void vtpm2_wr_u64(struct vtpm2_wr *wr, u64 v);
void vtpm2_wr_bytes(struct vtpm2_wr *wr, const void *p, size_t len);
/* TPM2B: size, then bytes. */
void vtpm2_wr_2b(struct vtpm2_wr *wr, const void *p, size_t len);
/*
 * A TPM2B (or any 16-bit size) whose contents are written next: begin returns
 * the place of the size, end fills it in.
 */
size_t vtpm2_wr_begin(struct vtpm2_wr *wr);
void vtpm2_wr_end(struct vtpm2_wr *wr, size_t at);
/* Like begin: room for a u32 to be filled in by vtpm2_wr_patch32(). */
size_t vtpm2_wr_hole32(struct vtpm2_wr *wr);
void vtpm2_wr_patch32(struct vtpm2_wr *wr, size_t at, u32 v);

#endif
