// SPDX-License-Identifier: GPL-2.0
/*
 * Key derivation (Part 1, 11.4.10), and XOR obfuscation, which is a KDFa
 * key stream (Part 1, 11.4.7.3).
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

/* The size that every derived object is said to be cut from (Part 4, 10.2.18) */
#define DERIVATION_BITS	8192

/* What one block of KDFa is computed from, the counter excepted. */
struct kdfa {
	u16 alg;
	struct vtpm2_bytes key;
	struct vtpm2_bytes label;	/* a zero is added unless it ends in one */
	struct vtpm2_bytes u;
	struct vtpm2_bytes v;
	u32 bits;
};

/* HMAC(key, counter || label || 0 || contextU || contextV || bits) */
static void kdfa_block(const struct kdfa *k, u32 counter, u8 *out)
{
	struct vtpm2_hmac h;
	u8 be[4];

	vtpm2_hmac_init(&h, k->alg, k->key.p, k->key.len);
	put_unaligned_be32(counter, be);
	vtpm2_hmac_update(&h, be, sizeof(be));
	vtpm2_hmac_update(&h, k->label.p, k->label.len);
	if (!k->label.len || k->label.p[k->label.len - 1])
		vtpm2_hmac_update(&h, "", 1);
	vtpm2_hmac_update(&h, k->u.p, k->u.len);
	vtpm2_hmac_update(&h, k->v.p, k->v.len);
	put_unaligned_be32(k->bits, be);
	vtpm2_hmac_update(&h, be, sizeof(be));
	vtpm2_hmac_final(&h, out);
}

/* The first @left bytes. */
static void kdfa_bytes(const struct kdfa *k, u8 *p, size_t left)
{
	u8 block[VTPM2_MAX_DIGEST];
	size_t n;
	u32 i;

	for (i = 1; left; i++, p += n, left -= n) {
		kdfa_block(k, i, block);
		n = min_t(size_t, left, vtpm2_digest_size(k->alg));
		memcpy(p, block, n);
	}
	memzero_explicit(block, sizeof(block));
}

/* The excess bits of a length that is no multiple of 8 are the first ones. */
static void mask_bits(u8 *out, u32 bits)
{
	if (bits % 8)
		out[0] &= (1 << (bits % 8)) - 1;
}

void vtpm2_kdfa(u16 alg, const void *key, size_t key_len, const char *label,
		const void *u, size_t u_len, const void *v, size_t v_len,
		u32 bits, u8 *out)
{
	const struct kdfa k = {
		.alg = alg,
		.key = { key, key_len },
		.label = { (const u8 *)label, strlen(label) },
		.u = { u, u_len },
		.v = { v, v_len },
		.bits = bits,
	};

	kdfa_bytes(&k, out, (bits + 7) / 8);
	mask_bits(out, bits);
}

void vtpm2_kdfa_derive(u16 alg, struct vtpm2_bytes key,
		       struct vtpm2_bytes label, struct vtpm2_bytes context,
		       u8 *out, size_t len)
{
	const struct kdfa k = {
		.alg = alg,
		.key = key,
		.label = label,
		.u = context,
		.bits = DERIVATION_BITS,
	};

	kdfa_bytes(&k, out, len);
}

void vtpm2_kdfe(u16 alg, const void *z, size_t z_len, const char *label,
		const void *u, size_t u_len, const void *v, size_t v_len,
		u32 bits, u8 *out)
{
	size_t left = (bits + 7) / 8, n;
	u8 block[VTPM2_MAX_DIGEST];
	struct vtpm2_hash h;
	u8 *p = out;
	u8 be[4];
	u32 i;

	for (i = 1; left; i++, p += n, left -= n) {
		vtpm2_hash_init(&h, alg);
		put_unaligned_be32(i, be);
		vtpm2_hash_update(&h, be, sizeof(be));
		vtpm2_hash_update(&h, z, z_len);
		vtpm2_hash_update(&h, label, strlen(label) + 1);
		vtpm2_hash_update(&h, u, u_len);
		vtpm2_hash_update(&h, v, v_len);
		vtpm2_hash_final(&h, block);
		n = min_t(size_t, left, vtpm2_digest_size(alg));
		memcpy(p, block, n);
	}
	memzero_explicit(block, sizeof(block));
	mask_bits(out, bits);
}

void vtpm2_xor(u16 alg, const void *key, size_t key_len, const void *n1,
	       size_t n1_len, const void *n2, size_t n2_len, u8 *data,
	       size_t len)
{
	const struct kdfa k = {
		.alg = alg,
		.key = { key, key_len },
		.label = { (const u8 *)"XOR", 3 },
		.u = { n1, n1_len },
		.v = { n2, n2_len },
		.bits = len * 8,
	};
	u16 size = vtpm2_digest_size(alg);
	u8 block[VTPM2_MAX_DIGEST];
	size_t i;

	for (i = 0; i < len; i++) {
		if (i % size == 0)
			kdfa_block(&k, i / size + 1, block);
		data[i] ^= block[i % size];
	}
	memzero_explicit(block, sizeof(block));
}
