/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of TPM commands through tpm2-tss.
 *
 * They know nothing of vtpm_mux: the same program runs against any TPM 2.0
 * (ESYS_TEST_TCTI, default device:/dev/vtpm0), and what it expects was checked
 * against swtpm (make check-swtpm).
 */
#ifndef ESYS_TEST_H
#define ESYS_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>

extern ESYS_CONTEXT *E;
extern TSS2_TCTI_CONTEXT *tcti;

#define NONE	ESYS_TR_NONE
#define PW	ESYS_TR_PASSWORD
#define OWNER	ESYS_TR_RH_OWNER

/* Response codes with their place: RC_P(1, TPM2_RC_SIZE) */
#define RC_P(n, rc)	((TSS2_RC)((rc) + TPM2_RC_P + (n) * 0x100))
#define RC_H(n, rc)	((TSS2_RC)((rc) + (n) * 0x100))
#define RC_S(n, rc)	((TSS2_RC)((rc) + TPM2_RC_S + (n) * 0x100))

struct test {
	const char *name;
	void (*fn)(void);
	struct test *next;
};

void test_add(struct test *test);
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* Flush all that the TPM has loaded. */
void test_clean(void);
/* After every test; only where there is more than one TPM (tests/peer). */
void test_home(void) __attribute__((weak));

#define TEST(fn_)							\
	static void fn_(void);						\
	static struct test test_##fn_ = { .name = #fn_, .fn = fn_ };	\
	static void __attribute__((constructor)) add_##fn_(void)	\
	{								\
		test_add(&test_##fn_);					\
	}								\
	static void fn_(void)

#define FAIL(...)	test_fail(__FILE__, __LINE__, __VA_ARGS__)

#define CHECK(cond) do {						\
	if (!(cond))							\
		FAIL("%s is false", #cond);				\
} while (0)

/* The call succeeds. */
#define OK(call) do {							\
	TSS2_RC rc_ = (call);						\
	if (rc_)							\
		FAIL("%s: 0x%x %s", #call, rc_, Tss2_RC_Decode(rc_));	\
} while (0)

/* The TPM answers the call with exactly this response code. */
#define FAILS(want, call) do {						\
	TSS2_RC rc_ = (call), want_ = (want);				\
	if (rc_ != want_)						\
		FAIL("%s: 0x%x %s, expected 0x%x %s", #call, rc_,	\
		     Tss2_RC_Decode(rc_), want_, #want);		\
} while (0)

/* Free what ESYS returned. */
#define FREE(p) do { Esys_Free(p); (p) = NULL; } while (0)

/* --- helpers (util.c) --- */

extern const TPM2B_SENSITIVE_CREATE no_sensitive;
extern const TPM2B_DATA no_data;
extern const TPML_PCR_SELECTION no_pcrs;
extern const TPMT_SYM_DEF no_sym;
extern const TPMT_TK_HASHCHECK no_hashcheck;

/* Templates */
extern const TPM2B_PUBLIC ecc_storage;		/* P-256, AES-128 */
extern const TPM2B_PUBLIC rsa_storage;		/* 2048, AES-128 */
extern const TPM2B_PUBLIC ecc_sign;		/* P-256, scheme NULL */
extern const TPM2B_PUBLIC ecc_restricted;	/* P-256 ECDSA-SHA256 */
extern const TPM2B_PUBLIC rsa_sign;		/* 2048, scheme NULL */
extern const TPM2B_PUBLIC rsa_restricted;	/* 2048 RSASSA-SHA256 */
extern const TPM2B_PUBLIC rsa_decrypt;		/* 2048, scheme NULL */
extern const TPM2B_PUBLIC ecc_decrypt;		/* P-256, scheme NULL */
extern const TPM2B_PUBLIC sealed_data;		/* keyedHash */
extern const TPM2B_PUBLIC hmac_key;		/* keyedHash, HMAC-SHA256 */
extern const TPM2B_PUBLIC sym_key;		/* AES-128-CFB, storage parent */

/* A primary in the owner hierarchy, empty auth. */
ESYS_TR primary(const TPM2B_PUBLIC *template);
ESYS_TR primary_in(ESYS_TR hierarchy, const TPM2B_PUBLIC *template);
/* Create and load below @parent; @auth and @data may be NULL. */
ESYS_TR child(ESYS_TR parent, const TPM2B_PUBLIC *template, const char *auth,
	      const char *data);
void flush(ESYS_TR handle);
ESYS_TR hmac_session(void);
ESYS_TR policy_session(TPM2_SE type);
TPM2B_PUBLIC *read_public(ESYS_TR handle);
TPM2B_NAME *read_name(ESYS_TR handle);
void set_auth(ESYS_TR handle, const char *auth);
TPM2B_DIGEST sha256_of(const void *p, size_t len);
TPM2B_DIGEST pcr_value(unsigned int pcr);	/* SHA-256 bank */
void pcr_extend(unsigned int pcr, uint8_t fill);
TPML_PCR_SELECTION pcr_select(TPM2_ALG_ID hash, unsigned int pcr);
/* Verify with OpenSSL, not with the TPM. */
bool openssl_verify(const TPM2B_PUBLIC *pub, const TPMT_SIGNATURE *sig,
		    const void *msg, size_t len);
/*
 * Send bytes as they are and return the response code of the answer, which
 * must be a valid response. @cmd is hex, blanks ignored; %s-free.
 */
uint32_t raw(const char *hex);
#define RAW(want, hex) do {						\
	uint32_t rc_ = raw(hex), want_ = (want);			\
	if (rc_ != want_)						\
		FAIL("%s: 0x%x, expected 0x%x %s", hex, rc_, want_, #want);	\
} while (0)
/* The same with the response's bytes. */
size_t raw_bytes(const uint8_t *cmd, size_t len, uint8_t *rsp, size_t size);

/* --- objects that move (move.c) --- */

extern const TPMT_SYM_DEF_OBJECT null_sym, aes128, aes256;
extern const TPM2B_DATA no_key;

struct duplicate {
	TPM2B_PUBLIC pub;
	TPM2B_PRIVATE priv;
	TPM2B_ENCRYPTED_SECRET secret;
	TPM2B_DATA key;			/* of the inner wrapper */
};

/* @base without fixedTPM and fixedParent; its policy admits TPM2_Duplicate. */
TPM2B_PUBLIC movable(const TPM2B_PUBLIC *base);
/* @out may be NULL. */
TSS2_RC duplicate(ESYS_TR obj, ESYS_TR parent, const TPM2B_DATA *key,
		  const TPMT_SYM_DEF_OBJECT *sym, struct duplicate *out);
TSS2_RC duplicate_by(ESYS_TR session, ESYS_TR obj, ESYS_TR parent,
		     const TPM2B_DATA *key, const TPMT_SYM_DEF_OBJECT *sym,
		     struct duplicate *out);
/* Import below @parent and, unless @handle is NULL, load. */
TSS2_RC import(ESYS_TR parent, const struct duplicate *d,
	       const TPMT_SYM_DEF_OBJECT *sym, ESYS_TR *handle);
ESYS_TR imported(ESYS_TR parent, const struct duplicate *d,
		 const TPMT_SYM_DEF_OBJECT *sym);
/* The key signs, as OpenSSL sees it. */
void check_signs(ESYS_TR key);

#endif
