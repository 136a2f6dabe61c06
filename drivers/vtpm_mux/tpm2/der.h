/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DER (X.690), as much of it as certificates take: tags of one byte, lengths
 * below 64 KiB.
 */
#ifndef VTPM2_DER_H
#define VTPM2_DER_H

#include "cursor.h"

#define DER_INTEGER		0x02
#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_NULL		0x05
#define DER_OID			0x06
#define DER_SEQUENCE		0x30
#define DER_CONTEXT(n)		(0xa0 + (n))	/* constructed */

/**
 * struct vtpm2_der - one element of a guest's DER
 * @tag: its tag
 * @all: the element
 * @value: what is in it
 */
struct vtpm2_der {
	u8 tag;
	struct vtpm2_bytes all;
	struct vtpm2_bytes value;
};

/* The next element; false, and an error in @rd, unless there is one. */
bool vtpm2_der_next(struct vtpm2_rd *rd, struct vtpm2_der *e);
/* A BIT STRING of up to 32 bits, the first one in bit 31. */
bool vtpm2_der_bits(const struct vtpm2_der *e, u32 *bits);

/* An element whose contents are written between begin and end. */
size_t vtpm2_der_begin(struct vtpm2_wr *wr, u8 tag);
void vtpm2_der_end(struct vtpm2_wr *wr, size_t at);
/* The header of an element of @len bytes. */
void vtpm2_der_header(struct vtpm2_wr *wr, u8 tag, size_t len);
/* An INTEGER that is not negative, from big-endian bytes. */
void vtpm2_der_integer(struct vtpm2_wr *wr, const u8 *p, size_t len);

#endif
