// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer harness over vtpm2_execute(): one input is one life of a vTPM.
 *
 * The input is a program for a small generator that knows the command table:
 * each step names a command, and the letters of its row say what to build for
 * each parameter. What earlier responses returned (blobs, public areas,
 * tickets, contexts, handles) is offered to later commands, so that loads,
 * sessions and policies succeed often enough to get deep. Then the finished
 * command may be damaged: flipped, cut, lengthened, its size field wrong.
 * Steps may also send raw bytes.
 *
 * What it checks, besides what the sanitizers do: a response always has a
 * valid header whose size is its length, an error is ten bytes, the engine
 * never answers TPM_RC_RETRY, and a destroyed vTPM has returned all memory.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/unaligned.h>

#include "../hosted/hw_soft.h"
#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

#define MAX_STEPS	48
#define POOL		16

struct blob {
	u16 len;
	u8 p[2048];
};

/* What responses have returned, by layout letter. */
static struct {
	unsigned int n;
	struct blob b[POOL];
} pool[128];

static u32 handles[POOL];
static unsigned int nhandles;

struct input {
	const u8 *p;
	size_t left;
};

static u8 in_u8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static u32 in_u32(struct input *in)
{
	u32 v = (u32)in_u8(in) << 24;

	v |= (u32)in_u8(in) << 16;
	v |= in_u8(in) << 8;
	return v | in_u8(in);
}

static void in_bytes(struct input *in, struct vtpm2_wr *wr, size_t len)
{
	while (len--)
		vtpm2_wr_u8(wr, in_u8(in));
}

/*
 * A command by its code, so that an input means the same when the table has
 * grown. A code that is not implemented stands for the next one that is.
 */
#define FIRST_CC	TPM2_CC_NV_UNDEFINE_SPACE_SPECIAL
#define CODES		(TPM2_CC_CERTIFY_X509 + 1 - FIRST_CC)

static const struct vtpm2_command *pick_command(u8 pick)
{
	const struct vtpm2_command *def;
	unsigned int i = pick;

	do {
		def = vtpm2_command_find(FIRST_CC + i++ % CODES);
	} while (!def);
	return def;
}

/*
 * Randomness and RSA keys: the same for the same input, and fast. The linker
 * puts these in the place of the library's (--wrap).
 */
static u64 seed;

void __wrap_vtpm2_random(void *buf, size_t len);
void __wrap_vtpm2_random(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		*p++ = seed >> 33;
	}
}

int __real_vtpm2_rsa_generate(u16 bits, u32 exponent, u8 *n, u8 *p);
int __wrap_vtpm2_rsa_generate(u16 bits, u32 exponent, u8 *n, u8 *p);
int __wrap_vtpm2_rsa_generate(u16 bits, u32 exponent, u8 *n, u8 *p)
{
	static struct {
		bool valid;
		u8 n[VTPM2_MAX_RSA], p[VTPM2_MAX_RSA / 2];
	} cache[5];
	unsigned int i = bits / 1024;

	if (!i || i > 4 || bits % 1024)
		return -EINVAL;
	if (!cache[i].valid) {
		int ret = __real_vtpm2_rsa_generate(bits, 65537, cache[i].n,
						    cache[i].p);

		if (ret)
			return ret;
		cache[i].valid = true;
	}
	memcpy(n, cache[i].n, bits / 8);
	memcpy(p, cache[i].p, bits / 16);
	return 0;
}

static void pool_put(char letter, const void *p, size_t len)
{
	unsigned int i = pool[(u8)letter].n++ % POOL;
	struct blob *b = &pool[(u8)letter].b[i];

	if (len > sizeof(b->p))
		return;
	b->len = len;
	memcpy(b->p, p, len);
}

static const struct blob *pool_get(struct input *in, char letter)
{
	unsigned int n = pool[(u8)letter].n;
	u8 pick = in_u8(in);

	if (!n)
		return NULL;
	return &pool[(u8)letter].b[pick % (n < POOL ? n : POOL)];
}

static void put_handle(u32 handle)
{
	handles[nhandles++ % POOL] = handle;
}

static u32 get_handle(struct input *in)
{
	static const u32 fixed[] = {
		TPM2_RH_OWNER, TPM2_RH_NULL, TPM2_RH_LOCKOUT,
		TPM2_RH_ENDORSEMENT, TPM2_RH_PLATFORM, 0, 16, 23,
		0x01000001, 0x01800002, 0x01c00002, 0x80000000, 0x80000001,
		0x02000000, 0x03000000, 0x03000001, 0x81000001, 0x81010001,
	};
	u8 pick = in_u8(in);

	if (pick < 128 && nhandles)
		return handles[pick % (nhandles < POOL ? nhandles : POOL)];
	if (pick == 255)
		return in_u32(in);
	return fixed[pick % ARRAY_SIZE(fixed)];
}

/* A handle that fits the row's type, most of the time. */
static u32 typed_handle(struct input *in, u8 type)
{
	static const u8 want[] = {
		[VTPM2_H_OBJECT] = 0x80, [VTPM2_H_OBJECT_NULL] = 0x80,
		[VTPM2_H_SEQUENCE] = 0x80, [VTPM2_H_POLICY] = 0x03,
	};
	unsigned int i;
	u32 h = get_handle(in);

	switch (type) {
	case VTPM2_H_HIERARCHY:
	case VTPM2_H_HIERARCHY_AUTH:
	case VTPM2_H_PROVISION:
	case VTPM2_H_BASE_HIERARCHY:
		return TPM2_RH_OWNER + (h % 4 == 1 ? 6 : h % 4 == 2 ? 10 :
					h % 4 == 3 ? 11 : 0);
	case VTPM2_H_CLEAR:
	case VTPM2_H_LOCKOUT:
		return h & 1 ? TPM2_RH_LOCKOUT : TPM2_RH_PLATFORM;
	case VTPM2_H_PLATFORM:
		return TPM2_RH_PLATFORM;
	case VTPM2_H_ENDORSEMENT:
		return TPM2_RH_ENDORSEMENT;
	case VTPM2_H_PCR:
	case VTPM2_H_PCR_NULL:
		return h % 24;
	case VTPM2_H_NV_AUTH:
		if (h & 1)
			return TPM2_RH_OWNER;
		fallthrough;
	case VTPM2_H_NV_INDEX:
		return 0x01000000 + h % 3;
	}
	if (type < ARRAY_SIZE(want) && want[type] && h >> 24 != want[type])
		for (i = 0; i < POOL; i++)
			if (handles[i] >> 24 == want[type])
				return handles[i];
	return h;
}

static u16 get_alg(struct input *in)
{
	static const u16 algs[] = {
		TPM2_ALG_SHA256, TPM2_ALG_NULL, TPM2_ALG_SHA1, TPM2_ALG_SHA384,
		TPM2_ALG_SHA512, TPM2_ALG_RSA, TPM2_ALG_ECC, TPM2_ALG_AES,
		TPM2_ALG_HMAC, TPM2_ALG_XOR, TPM2_ALG_CFB, TPM2_ALG_KEYEDHASH,
		TPM2_ALG_SYMCIPHER, TPM2_ALG_RSASSA, TPM2_ALG_RSAPSS,
		TPM2_ALG_ECDSA, TPM2_ALG_OAEP, TPM2_ALG_RSAES, TPM2_ALG_ECDH,
		TPM2_ALG_KDF1_SP800_56A, TPM2_ALG_KDF1_SP800_108,
		TPM2_ALG_ECDAA, TPM2_ALG_ECSCHNORR, TPM2_ALG_CMAC,
	};
	u8 pick = in_u8(in);

	return pick == 255 ? in_u32(in) : algs[pick % ARRAY_SIZE(algs)];
}

static void put_2b(struct input *in, struct vtpm2_wr *wr)
{
	static const u8 sizes[] = { 0, 16, 20, 32, 32, 48, 64, 1, 128, 255 };
	const struct blob *b;
	size_t len;
	u8 pick = in_u8(in);

	if (pick < 100) {
		b = pool_get(in, 'B');
		if (b)
			vtpm2_wr_bytes(wr, b->p, b->len);
		else
			vtpm2_wr_u16(wr, 0);
		return;
	}
	len = sizes[pick % ARRAY_SIZE(sizes)];
	vtpm2_wr_u16(wr, len);
	in_bytes(in, wr, len);
}

#define USUAL	10	/* kinds of template that most picks choose from */
#define SPECIAL	240	/* the picks that choose from the others */
#define MOVES	0x01	/* its policy admits TPM2_Duplicate */
#define DERIVED	0x02	/* TPMS_DERIVE in the place of unique */

static void put_policy(struct input *in, struct vtpm2_wr *wr, bool random,
		       u8 kind)
{
	/* TPM2_PolicyCommandCode(TPM_CC_Duplicate) */
	static const u8 moves[] = {
		0xbe, 0xf5, 0x6b, 0x8c, 0x1c, 0xc8, 0x4e, 0x11,
		0xed, 0xd7, 0x17, 0x52, 0x8d, 0x2c, 0xd9, 0x93,
		0x56, 0xbd, 0x2b, 0xbf, 0x8f, 0x01, 0x52, 0x09,
		0xc3, 0xf8, 0x4a, 0xee, 0xab, 0xa8, 0xe8, 0xa2,
	};

	if (random)
		put_2b(in, wr);
	else
		vtpm2_wr_2b(wr, moves, kind & MOVES ? sizeof(moves) : 0);
}

/* TPMT_SYM_DEF_OBJECT + scheme + parameters + unique of a usual template */
static void put_template(struct input *in, struct vtpm2_wr *wr)
{
	static const struct {
		u16 type;
		u32 attrs;
		u16 sym, scheme;
		u8 kind;
	} kinds[] = {
		{ TPM2_ALG_ECC, 0x00030072, TPM2_ALG_AES, TPM2_ALG_NULL },
		{ TPM2_ALG_RSA, 0x00030072, TPM2_ALG_AES, TPM2_ALG_NULL },
		{ TPM2_ALG_ECC, 0x00040072, TPM2_ALG_NULL, TPM2_ALG_ECDSA },
		{ TPM2_ALG_ECC, 0x00050072, TPM2_ALG_NULL, TPM2_ALG_ECDSA },
		{ TPM2_ALG_ECC, 0x00060472, TPM2_ALG_NULL, TPM2_ALG_NULL },
		{ TPM2_ALG_RSA, 0x00060472, TPM2_ALG_NULL, TPM2_ALG_NULL },
		{ TPM2_ALG_RSA, 0x00050072, TPM2_ALG_NULL, TPM2_ALG_RSASSA },
		{ TPM2_ALG_KEYEDHASH, 0x00000052, 0, TPM2_ALG_NULL },
		{ TPM2_ALG_KEYEDHASH, 0x00040072, 0, TPM2_ALG_HMAC },
		{ TPM2_ALG_SYMCIPHER, 0x00030072, TPM2_ALG_AES, 0 },
		/* USUAL of them so far */
		{ TPM2_ALG_ECC, 0x00030060, TPM2_ALG_AES, TPM2_ALG_NULL, MOVES },
		{ TPM2_ALG_ECC, 0x00040060, TPM2_ALG_NULL, TPM2_ALG_ECDSA, MOVES },
		{ TPM2_ALG_KEYEDHASH, 0x00030060, 0, TPM2_ALG_XOR, MOVES },
		{ TPM2_ALG_KEYEDHASH, 0x00030072, 0, TPM2_ALG_XOR },
		{ TPM2_ALG_ECC, 0x00040050, TPM2_ALG_NULL, TPM2_ALG_ECDSA, DERIVED },
		{ TPM2_ALG_KEYEDHASH, 0x00040050, 0, TPM2_ALG_HMAC, DERIVED },
		{ TPM2_ALG_SYMCIPHER, 0x00020050, TPM2_ALG_AES, 0, DERIVED },
	};
	u8 pick = in_u8(in);
	unsigned int k = pick < SPECIAL ? pick % USUAL :
			 USUAL + (pick - SPECIAL) % (ARRAY_SIZE(kinds) - USUAL);
	u32 flip = in_u8(in);
	u16 name_alg = flip & 0x80 ? get_alg(in) : TPM2_ALG_SHA256;

	vtpm2_wr_u16(wr, kinds[k].type);
	vtpm2_wr_u16(wr, name_alg);
	vtpm2_wr_u32(wr, kinds[k].attrs ^ (flip & 0x40 ? in_u32(in) : 0));
	put_policy(in, wr, flip & 0x20, kinds[k].kind);
	if (kinds[k].type != TPM2_ALG_KEYEDHASH) {
		vtpm2_wr_u16(wr, kinds[k].sym);
		if (kinds[k].sym == TPM2_ALG_AES) {
			vtpm2_wr_u16(wr, flip & 0x10 ? 256 : 128);
			vtpm2_wr_u16(wr, TPM2_ALG_CFB);
		}
	}
	if (kinds[k].type != TPM2_ALG_SYMCIPHER) {
		u16 scheme = flip & 0x08 ? get_alg(in) : kinds[k].scheme;

		vtpm2_wr_u16(wr, scheme);
		if (scheme != TPM2_ALG_NULL && scheme != TPM2_ALG_RSAES)
			vtpm2_wr_u16(wr, TPM2_ALG_SHA256);
		if (scheme == TPM2_ALG_XOR)
			vtpm2_wr_u16(wr, TPM2_ALG_KDF1_SP800_108);
		if (scheme == TPM2_ALG_ECDAA)
			vtpm2_wr_u16(wr, 0);
	}
	switch (kinds[k].type) {
	case TPM2_ALG_RSA:
		vtpm2_wr_u16(wr, flip & 0x04 ? 3072 : 2048);
		vtpm2_wr_u32(wr, flip & 0x02 ? in_u32(in) : 0);
		break;
	case TPM2_ALG_ECC:
		vtpm2_wr_u16(wr, flip & 0x04 ? in_u8(in) % 8 :
				 TPM2_ECC_NIST_P256);
		vtpm2_wr_u16(wr, TPM2_ALG_NULL);
		vtpm2_wr_u16(wr, 0);
		break;
	default:
		if (kinds[k].kind & DERIVED)
			vtpm2_wr_u16(wr, 0);
	}
	vtpm2_wr_u16(wr, 0);
}

static void put_public(struct input *in, struct vtpm2_wr *wr)
{
	const struct blob *b = in_u8(in) & 1 ? pool_get(in, 'P') : NULL;
	size_t at;

	if (b) {
		vtpm2_wr_bytes(wr, b->p, b->len);
		return;
	}
	at = vtpm2_wr_begin(wr);
	put_template(in, wr);
	vtpm2_wr_end(wr, at);
}

static void put_nv_public(struct input *in, struct vtpm2_wr *wr)
{
	static const u32 attrs[] = {
		0x00060006, 0x02020002 | TPM2_NT_COUNTER << 4 | 0x00040004,
		0x00060006 | TPM2_NT_BITS << 4, 0x00060006 | TPM2_NT_EXTEND << 4,
		0x40050005, 0x0406000e, 0x00060006 | TPM2_NT_PIN_FAIL << 4,
	};
	static const u16 sizes[] = { 32, 8, 8, 32, 64, 20, 8 };
	unsigned int k = in_u8(in) % ARRAY_SIZE(attrs);
	u8 flip = in_u8(in);
	size_t at = vtpm2_wr_begin(wr);

	vtpm2_wr_u32(wr, 0x01000000 + in_u8(in) % 3);
	vtpm2_wr_u16(wr, flip & 1 ? get_alg(in) : TPM2_ALG_SHA256);
	vtpm2_wr_u32(wr, attrs[k] ^ (flip & 2 ? in_u32(in) : 0));
	if (flip & 4)
		put_2b(in, wr);
	else
		vtpm2_wr_u16(wr, 0);
	vtpm2_wr_u16(wr, flip & 8 ? in_u32(in) : sizes[k]);
	vtpm2_wr_end(wr, at);
}

static void put_selection(struct input *in, struct vtpm2_wr *wr)
{
	u8 n = in_u8(in) % 3;

	vtpm2_wr_u32(wr, n);
	while (n--) {
		vtpm2_wr_u16(wr, get_alg(in));
		vtpm2_wr_u8(wr, 3);
		in_bytes(in, wr, 3);
	}
}

static void put_scheme(struct input *in, struct vtpm2_wr *wr)
{
	u16 alg = get_alg(in);

	vtpm2_wr_u16(wr, alg);
	if (alg != TPM2_ALG_NULL && alg != TPM2_ALG_RSAES)
		vtpm2_wr_u16(wr, TPM2_ALG_SHA256);
	if (alg == TPM2_ALG_ECDAA)
		vtpm2_wr_u16(wr, 0);
}

static void put_sym_def(struct input *in, struct vtpm2_wr *wr)
{
	switch (in_u8(in) % 4) {
	case 0:
		vtpm2_wr_u16(wr, TPM2_ALG_AES);
		vtpm2_wr_u16(wr, 128);
		vtpm2_wr_u16(wr, TPM2_ALG_CFB);
		break;
	case 1:
		vtpm2_wr_u16(wr, TPM2_ALG_XOR);
		vtpm2_wr_u16(wr, get_alg(in));
		break;
	default:
		vtpm2_wr_u16(wr, TPM2_ALG_NULL);
	}
}

static void put_pool_or(struct input *in, struct vtpm2_wr *wr, char letter,
			size_t raw)
{
	const struct blob *b = pool_get(in, letter);

	if (b)
		vtpm2_wr_bytes(wr, b->p, b->len);
	else
		in_bytes(in, wr, raw);
}

static void put_ticket(struct input *in, struct vtpm2_wr *wr)
{
	static const u16 tags[] = { TPM2_ST_HASHCHECK, TPM2_ST_CREATION,
				    TPM2_ST_VERIFIED, TPM2_ST_AUTH_SECRET };
	const struct blob *b = in_u8(in) & 1 ? pool_get(in, 't') : NULL;

	if (b) {
		vtpm2_wr_bytes(wr, b->p, b->len);
		return;
	}
	vtpm2_wr_u16(wr, tags[in_u8(in) % ARRAY_SIZE(tags)]);
	vtpm2_wr_u32(wr, TPM2_RH_NULL);
	vtpm2_wr_u16(wr, 0);
}

static void put_param(struct input *in, struct vtpm2_wr *wr, char letter)
{
	unsigned int n;
	size_t at;

	switch (letter) {
	case '1':
		vtpm2_wr_u8(wr, in_u8(in) % 5);
		break;
	case '2':
		vtpm2_wr_u16(wr, in_u8(in));
		break;
	case '4':
		vtpm2_wr_u32(wr, in_u8(in) & 1 ? in_u32(in) :
						 pick_command(in_u8(in))->code);
		break;
	case '8':
		vtpm2_wr_u64(wr, in_u32(in));
		break;
	case 'a':
		vtpm2_wr_u16(wr, get_alg(in));
		break;
	case 'h':
		vtpm2_wr_u32(wr, get_handle(in));
		break;
	case 'B':
		put_2b(in, wr);
		break;
	case 'S':
		at = vtpm2_wr_begin(wr);
		n = in_u8(in) % 8;
		vtpm2_wr_u16(wr, 0);
		vtpm2_wr_u16(wr, n);
		in_bytes(in, wr, n);
		vtpm2_wr_end(wr, at);
		break;
	case 'Z':
		at = vtpm2_wr_begin(wr);
		if (in_u8(in) & 1) {
			vtpm2_wr_u16(wr, get_alg(in));
			vtpm2_wr_u16(wr, 0);
			put_2b(in, wr);
			put_2b(in, wr);
		}
		vtpm2_wr_end(wr, at);
		break;
	case 'P':
		put_public(in, wr);
		break;
	case 'N':
		put_nv_public(in, wr);
		break;
	case 'E':
		put_pool_or(in, wr, 'E', 8);
		break;
	case 'l':
		put_selection(in, wr);
		break;
	case 'd':
		n = 2 + in_u8(in) % 7;
		vtpm2_wr_u32(wr, n);
		while (n--)
			put_2b(in, wr);
		break;
	case 'v':
		n = in_u8(in) % 4;
		vtpm2_wr_u32(wr, n);
		while (n--) {
			u16 alg = get_alg(in);

			vtpm2_wr_u16(wr, alg);
			in_bytes(in, wr, vtpm2_digest_size(alg));
		}
		break;
	case 'c':
	case 'g':
		n = in_u8(in) % 4;
		vtpm2_wr_u32(wr, n);
		while (n--)
			vtpm2_wr_u16(wr, get_alg(in));
		break;
	case 's':
	case 'r':
		put_scheme(in, wr);
		break;
	case 'f':
		put_pool_or(in, wr, 'f', 12);
		break;
	case 'y':
		put_sym_def(in, wr);
		break;
	case 't':
		put_ticket(in, wr);
		break;
	case 'x':
		put_pool_or(in, wr, 'x', 20);
		break;
	case 'm':
		vtpm2_wr_u16(wr, get_alg(in));
		put_sym_def(in, wr);
		in_bytes(in, wr, in_u8(in) % 12);
		break;
	}
}

static void put_sessions(struct input *in, struct vtpm2_wr *wr,
			 const struct vtpm2_command *def)
{
	size_t at = vtpm2_wr_hole32(wr);
	unsigned int i, n = 0;
	u8 extra = in_u8(in);

	for (i = 0; i < 3; i++)
		n += def->role[i] != VTPM2_AUTH_NONE;
	if (extra > 250)
		n += extra - 250;
	for (i = 0; i < n; i++) {
		u8 kind = in_u8(in);

		vtpm2_wr_u32(wr, kind < 170 ? TPM2_RS_PW : get_handle(in));
		if (kind < 170) {
			vtpm2_wr_u16(wr, 0);
			vtpm2_wr_u8(wr, 1);
			vtpm2_wr_u16(wr, 0);
		} else {
			put_2b(in, wr);
			vtpm2_wr_u8(wr, kind & 1 ? 1 : in_u8(in));
			put_2b(in, wr);
		}
	}
	vtpm2_wr_patch32(wr, at, wr->len - at - 4);
}

static size_t build(struct input *in, u8 *cmd, const struct vtpm2_command *def)
{
	unsigned int i, n = vtpm2_command_handles(def);
	bool sessions = def->role[0] != VTPM2_AUTH_NONE || in_u8(in) > 240;
	struct vtpm2_wr wr;
	const char *p;

	vtpm2_wr_init(&wr, cmd, VTPM2_MAX_COMMAND);
	vtpm2_wr_u16(&wr, sessions ? TPM2_ST_SESSIONS : TPM2_ST_NO_SESSIONS);
	vtpm2_wr_u32(&wr, 0);
	vtpm2_wr_u32(&wr, def->code);
	for (i = 0; i < n; i++)
		vtpm2_wr_u32(&wr, typed_handle(in, def->handle[i]));
	if (sessions)
		put_sessions(in, &wr, def);
	for (p = def->in; *p; p++)
		put_param(in, &wr, *p);
	vtpm2_wr_patch32(&wr, 2, wr.len);
	return wr.overflow ? 0 : wr.len;
}

/* Damage a command, rarely enough that most stay whole. */
static size_t damage(struct input *in, u8 *cmd, size_t len)
{
	u8 how = in_u8(in);

	if (how < 200 || len < 10)
		return len;
	switch (how % 4) {
	case 0:
		cmd[in_u32(in) % len] ^= 1 << (how >> 2) % 8;
		break;
	case 1:
		len = in_u32(in) % len;
		if (len >= 6)
			put_unaligned_be32(len, cmd + 2);
		break;
	case 2:
		if (len + 3 <= VTPM2_MAX_COMMAND) {
			memset(cmd + len, how, 3);
			len += 3;
			put_unaligned_be32(len, cmd + 2);
		}
		break;
	case 3:
		put_unaligned_be32(in_u32(in), cmd + 2);
		break;
	}
	return len;
}

/* Length of a response parameter, by its letter; 0 where not kept. */
static size_t param_len(struct vtpm2_rd *rd, char letter)
{
	const u8 *start = rd->p;

	switch (letter) {
	case 'B':
	case 'P':
	case 'N':
	case 'E':
		vtpm2_rd_2b(rd, 0xffff);
		break;
	case 't':
		vtpm2_rd_bytes(rd, 6);
		vtpm2_rd_2b(rd, 0xffff);
		break;
	case 'x':
		vtpm2_rd_bytes(rd, 16);
		vtpm2_rd_2b(rd, 0xffff);
		break;
	case 'f':
		vtpm2_rd_bytes(rd, rd->left);
		break;
	default:
		return 0;
	}
	return rd->err ? 0 : rd->p - start;
}

static void learn(const struct vtpm2_command *def, const u8 *rsp, size_t len)
{
	struct vtpm2_rd rd;
	const char *p;

	vtpm2_rd_init(&rd, rsp, len);
	if (vtpm2_rd_u16(&rd) == TPM2_ST_SESSIONS) {
		vtpm2_rd_bytes(&rd, 8);
		if (def->flags & VTPM2_CMD_R_HANDLE)
			put_handle(vtpm2_rd_u32(&rd));
		rd.left = vtpm2_rd_u32(&rd);
	} else {
		vtpm2_rd_bytes(&rd, 8);
		if (def->flags & VTPM2_CMD_R_HANDLE)
			put_handle(vtpm2_rd_u32(&rd));
	}
	for (p = def->out; *p; p++) {
		const u8 *start = rd.p;
		size_t n = param_len(&rd, *p);

		if (!n)
			return;
		pool_put(*p, start, n);
	}
}

static void check(const u8 *rsp, size_t len)
{
	u32 rc = get_unaligned_be32(rsp + 6);

	if (len < 10 || len > VTPM2_MAX_RESPONSE ||
	    get_unaligned_be32(rsp + 2) != len)
		abort();
	if (rc && len != 10)
		abort();
	if (rc == TPM2_RC_RETRY)
		abort();
}

static void step(struct vtpm2 *t, struct input *in, struct hw_soft *hw)
{
	static u8 cmd[VTPM2_MAX_COMMAND + 64], rsp[VTPM2_MAX_RESPONSE];
	const struct vtpm2_command *def;
	u8 op = in_u8(in), locality = 0;
	size_t len;

	if (op == 255) {
		struct vtpm2_wr wr;

		vtpm2_wr_init(&wr, cmd, sizeof(cmd));
		in_bytes(in, &wr, in_u8(in));
		check(rsp, vtpm2_execute(t, 0, cmd, wr.len, rsp));
		return;
	}
	if (op == 254) {
		vtpm2_power_off(t);
		vtpm2_power_on(t);
		return;
	}
	if (op == 253) {
		hw->fail = TPM2_RC_FAILURE;
		return;
	}
	if (op == 251) {
		vtpm2_set_presence(t, true);
		return;
	}
	if (op == 252) {
		locality = 4;
		op = in_u8(in);
	}
	def = pick_command(op);
	len = build(in, cmd, def);
	len = damage(in, cmd, len);
	len = vtpm2_execute(t, locality, cmd, len, rsp);
	check(rsp, len);
	if (!get_unaligned_be32(rsp + 6) &&
	    get_unaligned_be32(cmd + 6) == def->code)
		learn(def, rsp, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u8 startup[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44,
				      0, 0 };
	static u8 rsp[VTPM2_MAX_RESPONSE];
	struct input in = { .p = data, .left = size };
	struct hw_soft hw = {};
	struct vtpm2_config config = { .ops = &hw_soft_ops, .hw = &hw };
	struct vtpm2 *t;
	unsigned int i;

	seed = 1;
	nhandles = 0;
	memset(handles, 0, sizeof(handles));
	for (i = 0; i < ARRAY_SIZE(pool); i++)
		pool[i].n = 0;
	config.assurance = in_u8(&in) % 3;
	t = vtpm2_create(&config);
	if (!t)
		abort();
	vtpm2_power_on(t);
	check(rsp, vtpm2_execute(t, 0, startup, sizeof(startup), rsp));
	for (i = 0; i < MAX_STEPS && in.left; i++)
		step(t, &in, &hw);
	vtpm2_destroy(t);
	return 0;
}
