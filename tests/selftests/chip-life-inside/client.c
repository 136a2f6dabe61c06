// SPDX-License-Identifier: GPL-2.0
/*
 * A TPM's user, for tests/selftests/chip-life: keys, signatures that OpenSSL
 * verifies, commands that need no key, and a root who meddles with the chip.
 *
 * Exit status: 0 as expected, 1 another TPM response code or too slow, 2 what is
 * no answer of a TPM at all, or a wrong signature.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <linux/vtpm_mux.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define BUFSIZE		4096
#define HEADER		10
#define DIGEST		32

#define RH_OWNER	0x40000001
#define RH_NULL		0x40000007
#define RS_PW		0x40000009
#define TRANSIENT	0x80000000
#define PERSISTENT	0x81010000	/* + index in algs[] */

#define SEALED		0x81010100

#define ALG_RSA		0x0001
#define ALG_KEYEDHASH	0x0008
#define ALG_SHA256	0x000b
#define ALG_NULL	0x0010
#define ALG_RSASSA	0x0014
#define ALG_ECDSA	0x0018
#define ALG_ECC		0x0023

#define CC_EVICT	0x120
#define CC_PRIMARY	0x131
#define CC_STARTUP	0x144
#define CC_SIGN		0x15d
#define CC_UNSEAL	0x15e
#define CC_FLUSH	0x165
#define CC_READ_PUBLIC	0x173
#define CC_CAPABILITY	0x17a
#define CC_RANDOM	0x17b
#define CC_EXTEND	0x182

/* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, sign */
#define SIGNING_KEY	0x40472

/* TPM_RC_HANDLE + TPM_RC_P + TPM_RC_1: it is not loaded. */
#define RC_HANDLE_1	0x1cb
/* In the place of a TPM response code. */
#define NO_ANSWER	0x80000000

static const struct alg {
	const char *name;
	__u16 alg, size;		/* bits or curve */
	const char *group;
	unsigned int bytes;		/* of a number of it */
} algs[] = {
	{ "p256", ALG_ECC, 3, "P-256", 32 },
	{ "p384", ALG_ECC, 4, "P-384", 48 },
	{ "p521", ALG_ECC, 5, "P-521", 66 },
	{ "rsa2048", ALG_RSA, 2048, NULL, 256 },
	{ "rsa3072", ALG_RSA, 3072, NULL, 384 },
	{ "rsa4096", ALG_RSA, 4096, NULL, 512 },
};

/**
 * struct tpm - an open TPM, and the command or response at hand
 * @fd: the device
 * @pos: next byte to write to or read from @buf
 * @len: bytes of the response
 * @mark: where the authorization area begins in the command; 0 without one
 * @buf: command, then response
 */
struct tpm {
	int fd;
	size_t pos, len, mark;
	__u8 buf[BUFSIZE];
};

/* A key of a vTPM, and its public part as it was when it was made. */
struct key {
	const struct alg *alg;
	__u32 handle;
	EVP_PKEY *pkey;
};

/* What came out of many signatures. */
struct tally {
	unsigned int good, refused;
	__u32 first_rc;
	double slowest;
};

static const char *device, *operation;
static int expect_fail;			/* any code but success */
static __u32 expect_rc;
static unsigned int within = 120, cancel_after;

static void __attribute__((noreturn, format(printf, 2, 3)))
die(int status, const char *format, ...)
{
	va_list args;

	printf("%s %s: ", device, operation);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(status);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void too_late(int sig)
{
	char text[64];
	int n;

	(void)sig;
	n = snprintf(text, sizeof(text), "no answer within %u s\n", within);
	if (write(STDOUT_FILENO, text, n) < 0)
		_exit(2);
	_exit(1);
}

static void put(struct tpm *t, const void *p, size_t len)
{
	if (len > sizeof(t->buf) - t->pos)
		die(2, "command too long");
	memcpy(t->buf + t->pos, p, len);
	t->pos += len;
}

static void put8(struct tpm *t, __u8 v)
{
	put(t, &v, 1);
}

static void put16(struct tpm *t, __u16 v)
{
	v = htobe16(v);
	put(t, &v, 2);
}

static void put32(struct tpm *t, __u32 v)
{
	v = htobe32(v);
	put(t, &v, 4);
}

static const __u8 *get(struct tpm *t, size_t len)
{
	const __u8 *p = t->buf + t->pos;

	if (len > t->len - t->pos)
		die(2, "response too short: %zu bytes", t->len);
	t->pos += len;
	return p;
}

static __u16 get16(struct tpm *t)
{
	__u16 v;

	memcpy(&v, get(t, 2), 2);
	return be16toh(v);
}

static __u32 get32(struct tpm *t)
{
	__u32 v;

	memcpy(&v, get(t, 4), 4);
	return be32toh(v);
}

static void begin(struct tpm *t, __u16 tag, __u32 cc)
{
	t->pos = 0;
	put16(t, tag);
	put32(t, 0);
	put32(t, cc);
}

static void put_auth(struct tpm *t)
{
	put32(t, 9);
	put32(t, RS_PW);
	put16(t, 0);
	put8(t, 0);
	put16(t, 0);
}

/* Sends the command; the response code, or NO_ANSWER with errno. */
static __u32 transact(struct tpm *t)
{
	__u32 size = htobe32(t->pos);
	ssize_t n;

	memcpy(t->buf + 2, &size, 4);
	if (write(t->fd, t->buf, t->pos) != (ssize_t)t->pos)
		return NO_ANSWER;
	n = read(t->fd, t->buf, sizeof(t->buf));
	if (n < 0)
		return NO_ANSWER;
	t->pos = 0;
	t->len = n;
	get16(t);
	if (get32(t) != t->len)
		die(2, "response of %zd bytes has a wrong size", n);
	return get32(t);
}

static void open_tpm(struct tpm *t, const char *path)
{
	t->fd = open(path, O_RDWR | O_CLOEXEC);
	if (t->fd < 0)
		die(2, "open %s: %s", path, strerror(errno));
}

/* Is @rc what the caller wants? */
static void check_rc(const char *what, __u32 rc, double begun)
{
	double took = now() - begun;

	if (rc == NO_ANSWER)
		die(2, "%s: %s after %.1f s", what, strerror(errno), took);
	if (expect_fail ? !rc : rc != expect_rc)
		die(1, "%s: 0x%03x after %.1f s", what, rc, took);
	printf("%s: 0x%03x after %.1f s\n", what, rc, took);
	if (rc)
		exit(0);
}

static void must(const char *what, __u32 rc)
{
	if (rc == NO_ANSWER)
		die(2, "%s: %s", what, strerror(errno));
	if (rc)
		die(1, "%s: 0x%03x", what, rc);
}

static __u32 create_primary(struct tpm *t, const struct alg *alg, __u32 hierarchy,
			    __u32 attributes, const char *auth, __u32 *handle)
{
	__u32 rc;

	begin(t, 0x8002, CC_PRIMARY);
	put32(t, hierarchy);
	put_auth(t);
	put16(t, 4 + strlen(auth));
	put16(t, strlen(auth));
	put(t, auth, strlen(auth));
	put16(t, 0);
	put16(t, 22);			/* TPMT_PUBLIC, either way */
	put16(t, alg->alg);
	put16(t, ALG_SHA256);
	put32(t, attributes);
	put16(t, 0);			/* policy */
	put16(t, ALG_NULL);		/* symmetric */
	put16(t, ALG_NULL);		/* scheme */
	put16(t, alg->size);
	if (alg->alg == ALG_RSA) {
		put32(t, 0);		/* exponent */
		put16(t, 0);		/* modulus */
	} else {
		put16(t, ALG_NULL);	/* KDF */
		put16(t, 0);		/* x, y */
		put16(t, 0);
	}
	put16(t, 0);			/* outsideInfo */
	put32(t, 0);			/* PCRs */
	rc = transact(t);
	if (!rc)
		*handle = get32(t);
	return rc;
}

static __u32 flush(struct tpm *t, __u32 handle)
{
	begin(t, 0x8001, CC_FLUSH);
	put32(t, handle);
	return transact(t);
}

static EVP_PKEY *build_pkey(const char *type, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		die(2, "OpenSSL does not take the public key");
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	return pkey;
}

/* The public key of @handle, as the TPM says it now. */
static EVP_PKEY *read_public(struct tpm *t, const struct alg *alg, __u32 handle)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	__u8 point[1 + 2 * 66] = { 4 };
	BIGNUM *n, *e;
	__u16 len;

	begin(t, 0x8001, CC_READ_PUBLIC);
	put32(t, handle);
	must("TPM2_ReadPublic", transact(t));
	get(t, 2 + 2 + 2 + 4 + 2 + 2 + 2 + 2);
	if (alg->alg == ALG_RSA) {
		get32(t);
		len = get16(t);
		n = BN_bin2bn(get(t, len), len, NULL);
		e = BN_new();
		BN_set_word(e, 65537);
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
		return build_pkey("RSA", bld);
	}
	get16(t);
	len = get16(t);
	memcpy(point + 1 + alg->bytes - len, get(t, len), len);
	len = get16(t);
	memcpy(point + 1 + 2 * alg->bytes - len, get(t, len), len);
	OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, alg->group, 0);
	OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point,
					 1 + 2 * alg->bytes);
	return build_pkey("EC", bld);
}

static const struct alg *find_alg(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (!strcmp(algs[i].name, name))
			return &algs[i];
	die(2, "no algorithm %s", name);
}

static void load_key(struct key *key, const char *file)
{
	FILE *f = fopen(file, "re");
	char name[16];

	if (!f || fscanf(f, "key %15s", name) != 1)
		die(2, "no key in %s", file);
	key->alg = find_alg(name);
	key->handle = PERSISTENT + (key->alg - algs);
	key->pkey = PEM_read_PUBKEY(f, NULL, NULL, NULL);
	if (!key->pkey)
		die(2, "no public key in %s", file);
	fclose(f);
}

/* The signature in the response, as OpenSSL has it. */
static size_t read_signature(struct tpm *t, const struct alg *alg, __u8 *out)
{
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	__u16 len;
	int n;

	get32(t);			/* parameter size */
	get32(t);			/* scheme, hash */
	len = get16(t);
	if (alg->alg == ALG_RSA) {
		memcpy(out, get(t, len), len);
		return len;
	}
	r = BN_bin2bn(get(t, len), len, NULL);
	len = get16(t);
	s = BN_bin2bn(get(t, len), len, NULL);
	sig = ECDSA_SIG_new();
	ECDSA_SIG_set0(sig, r, s);
	n = i2d_ECDSA_SIG(sig, &out);
	ECDSA_SIG_free(sig);
	return n;
}

static bool verify(const struct key *key, const __u8 *digest, const __u8 *sig, size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	bool good;

	good = EVP_PKEY_verify_init(ctx) == 1 &&
	       (key->alg->alg != ALG_RSA ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1) &&
	       EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
	       EVP_PKEY_verify(ctx, sig, len, digest, DIGEST) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* One signature of a random digest, verified; the TPM's response code. */
static __u32 sign(struct tpm *t, const struct key *key, __u32 handle)
{
	__u8 digest[DIGEST], sig[BUFSIZE];
	__u32 rc;

	RAND_bytes(digest, sizeof(digest));
	begin(t, 0x8002, CC_SIGN);
	put32(t, handle);
	put_auth(t);
	put16(t, sizeof(digest));
	put(t, digest, sizeof(digest));
	put16(t, key->alg->alg == ALG_RSA ? ALG_RSASSA : ALG_ECDSA);
	put16(t, ALG_SHA256);
	put16(t, 0x8024);		/* TPM_ST_HASHCHECK: a ticket of nothing */
	put32(t, RH_NULL);
	put16(t, 0);
	rc = transact(t);
	if (!rc && !verify(key, digest, sig, read_signature(t, key->alg, sig)))
		die(2, "the signature is wrong");
	return rc;
}

static void tally_sign(struct tpm *t, const struct key *key, struct tally *tally)
{
	double begun = now();
	__u32 rc = sign(t, key, key->handle);

	if (rc == NO_ANSWER)
		die(2, "TPM2_Sign: %s after %.1f s", strerror(errno), now() - begun);
	if (now() - begun > tally->slowest)
		tally->slowest = now() - begun;
	if (rc && !tally->refused++)
		tally->first_rc = rc;
	tally->good += !rc;
}

static void tell_tally(const char *who, const struct tally *tally)
{
	printf("%s: %u signatures verify, %u refused (first 0x%03x), slowest %.1f s\n", who,
	       tally->good, tally->refused, tally->first_rc, tally->slowest);
	if (!tally->good || (tally->refused && !expect_fail))
		exit(1);
}

static void op_startup(struct tpm *t, char **args)
{
	(void)args;
	begin(t, 0x8001, CC_STARTUP);
	put16(t, 0);
	check_rc("TPM2_Startup", transact(t), now());
}

static __u32 assurance(const char *name)
{
	if (!name)
		return 0;
	return !strcmp(name, "hardware") ? VTPM_OBJECT_HARDWARE :
	       !strcmp(name, "software") ? VTPM_OBJECT_SOFTWARE : 0;
}

/* A persistent object from a loaded one. */
static void persist(struct tpm *t, __u32 handle, __u32 persistent)
{
	begin(t, 0x8002, CC_EVICT);
	put32(t, RH_OWNER);
	put32(t, handle);
	put_auth(t);
	put32(t, persistent);
	must("TPM2_EvictControl", transact(t));
	must("TPM2_FlushContext", flush(t, handle));
}

/* ALG FILE [ASSURANCE] */
static void op_make(struct tpm *t, char **args)
{
	const struct alg *alg = find_alg(args[0]);
	__u32 handle, attributes = SIGNING_KEY | assurance(args[2]);
	double begun = now();
	EVP_PKEY *pkey;
	FILE *f;

	check_rc("TPM2_CreatePrimary", create_primary(t, alg, RH_OWNER, attributes, "", &handle),
		 begun);
	persist(t, handle, PERSISTENT + (alg - algs));
	pkey = read_public(t, alg, PERSISTENT + (alg - algs));
	f = fopen(args[1], "we");
	if (!f || fprintf(f, "key %s\n", alg->name) < 0 || PEM_write_PUBKEY(f, pkey) != 1 ||
	    fclose(f))
		die(2, "cannot write %s", args[1]);
}

static const char secret[] = "the secret";

static void op_seal(struct tpm *t, char **args)
{
	double begun = now();

	(void)args;
	begin(t, 0x8002, CC_PRIMARY);
	put32(t, RH_OWNER);
	put_auth(t);
	put16(t, 4 + sizeof(secret));
	put16(t, 0);
	put16(t, sizeof(secret));
	put(t, secret, sizeof(secret));
	put16(t, 14);			/* TPMT_PUBLIC */
	put16(t, ALG_KEYEDHASH);
	put16(t, ALG_SHA256);
	put32(t, 0x452);		/* fixed, userWithAuth, noDA */
	put16(t, 0);			/* policy */
	put16(t, ALG_NULL);		/* scheme */
	put16(t, 0);			/* unique */
	put16(t, 0);			/* outsideInfo */
	put32(t, 0);			/* PCRs */
	check_rc("TPM2_CreatePrimary", transact(t), begun);
	persist(t, get32(t), SEALED);
}

static void op_unseal(struct tpm *t, char **args)
{
	double begun = now();

	(void)args;
	begin(t, 0x8002, CC_UNSEAL);
	put32(t, SEALED);
	put_auth(t);
	check_rc("TPM2_Unseal", transact(t), begun);
	get32(t);			/* parameter size */
	if (get16(t) != sizeof(secret) || memcmp(get(t, sizeof(secret)), secret, sizeof(secret)))
		die(2, "that is not what was sealed");
}

/* FILE [COUNT]: the key is still the same, and signs. */
static void op_sign(struct tpm *t, char **args)
{
	unsigned int i, count = args[1] ? atoi(args[1]) : 1;
	struct key key;
	double begun;

	load_key(&key, args[0]);
	if (EVP_PKEY_eq(key.pkey, read_public(t, key.alg, key.handle)) != 1)
		die(2, "the public key has changed");
	for (i = 0; i < count; i++) {
		begun = now();
		check_rc("TPM2_Sign", sign(t, &key, key.handle), begun);
	}
}

/* FILE STOP [loaded]: until the file STOP is there; with the key loaded once more. */
static void op_sign_until(struct tpm *t, char **args)
{
	struct tally tally = {};
	struct key key;

	load_key(&key, args[0]);
	if (args[2])
		must("TPM2_CreatePrimary",
		     create_primary(t, key.alg, RH_OWNER, SIGNING_KEY | VTPM_OBJECT_HARDWARE,
				    "", &key.handle));
	do {
		tally_sign(t, &key, &tally);
	} while (access(args[1], F_OK));
	tell_tally("TPM2_Sign", &tally);
}

static void op_extend(struct tpm *t, char **args)
{
	__u8 digest[DIGEST] = {};
	double begun = now();

	(void)args;
	begin(t, 0x8002, CC_EXTEND);
	put32(t, 16);
	put_auth(t);
	put32(t, 1);
	put16(t, ALG_SHA256);
	put(t, digest, sizeof(digest));
	check_rc("TPM2_PCR_Extend", transact(t), begun);
}

static void op_random(struct tpm *t, char **args)
{
	double begun = now();

	(void)args;
	begin(t, 0x8001, CC_RANDOM);
	put16(t, 16);
	check_rc("TPM2_GetRandom", transact(t), begun);
}

struct signer {
	pthread_t thread;
	struct tpm tpm;
	struct key key;
	double until;
	struct tally tally;
};

static void *signer_run(void *arg)
{
	struct signer *s = arg;

	do {
		tally_sign(&s->tpm, &s->key, &s->tally);
	} while (now() < s->until);
	return NULL;
}

/* SECONDS DEVICE FILE DEVICE FILE ...: all at the same time. */
static void op_sign_many(struct tpm *t, char **args)
{
	double until = now() + atoi(args[0]);
	struct signer *signers = NULL;
	int i, n;

	(void)t;
	for (n = 0; args[1 + 2 * n]; n++)
		;
	signers = calloc(n, sizeof(*signers));
	for (i = 0; i < n; i++) {
		open_tpm(&signers[i].tpm, args[1 + 2 * i]);
		load_key(&signers[i].key, args[2 + 2 * i]);
		signers[i].until = until;
		pthread_create(&signers[i].thread, NULL, signer_run, &signers[i]);
	}
	for (i = 0; i < n; i++)
		pthread_join(signers[i].thread, NULL);
	for (i = 0; i < n; i++)
		tell_tally(args[1 + 2 * i], &signers[i].tally);
}

/* What others flush meanwhile is flushed as well. */
static unsigned int flush_all(struct tpm *t)
{
	__u32 handles[64], rc;
	unsigned int i, n;

	begin(t, 0x8001, CC_CAPABILITY);
	put32(t, 1);			/* TPM_CAP_HANDLES */
	put32(t, TRANSIENT);
	put32(t, ARRAY_SIZE(handles));
	must("TPM2_GetCapability", transact(t));
	get(t, 1 + 4);
	n = get32(t);
	if (n > ARRAY_SIZE(handles))
		die(2, "%u handles", n);
	for (i = 0; i < n; i++)
		handles[i] = get32(t);
	for (i = 0; i < n; i++) {
		rc = flush(t, handles[i]);
		must("TPM2_FlushContext", rc == RC_HANDLE_1 ? 0 : rc);
	}
	return n;
}

/* STOP: root flushes whatever the chip has loaded. */
static void op_flush_until(struct tpm *t, char **args)
{
	unsigned int flushed = 0;

	do {
		flushed += flush_all(t);
		usleep(1000);
	} while (access(args[0], F_OK));
	printf("%u objects flushed\n", flushed);
	if (!flushed)
		exit(1);
}

/* Root's own key in the place of what was loaded, and it stays there. */
static void op_squat(struct tpm *t, char **args)
{
	__u32 handle;

	(void)args;
	printf("%u objects flushed\n", flush_all(t));
	must("TPM2_CreatePrimary", create_primary(t, &algs[0], RH_NULL, SIGNING_KEY,
						  "not yours", &handle));
	printf("a key of root's at 0x%x\n", handle);
}

/* STOP: an honest user with a key of his own. */
static void op_use_until(struct tpm *t, char **args)
{
	struct key key = { .alg = &algs[0] };
	unsigned int uses = 0;
	__u32 handle;

	do {
		must("TPM2_CreatePrimary",
		     create_primary(t, key.alg, RH_NULL, SIGNING_KEY, "", &handle));
		key.pkey = read_public(t, key.alg, handle);
		must("TPM2_Sign", sign(t, &key, handle));
		must("TPM2_FlushContext", flush(t, handle));
		EVP_PKEY_free(key.pkey);
		uses++;
	} while (access(args[0], F_OK));
	printf("%u signatures\n", uses);
}

static const struct operation {
	const char *name;
	void (*run)(struct tpm *t, char **args);
	int args;		/* as many at least */
	bool no_device;		/* it opens its own */
} operations[] = {
	{ .name = "startup", .run = op_startup },
	{ .name = "make", .run = op_make, .args = 2 },
	{ .name = "seal", .run = op_seal },
	{ .name = "unseal", .run = op_unseal },
	{ .name = "sign", .run = op_sign, .args = 1 },
	{ .name = "sign-until", .run = op_sign_until, .args = 2 },
	{ .name = "sign-many", .run = op_sign_many, .args = 3, .no_device = true },
	{ .name = "extend", .run = op_extend },
	{ .name = "random", .run = op_random },
	{ .name = "flush-until", .run = op_flush_until, .args = 1 },
	{ .name = "squat", .run = op_squat },
	{ .name = "use-until", .run = op_use_until, .args = 1 },
};

static void *cancel_run(void *arg)
{
	struct vtpm_cancel cancel = { .size = sizeof(cancel) };
	struct tpm *t = arg;

	sleep(cancel_after);
	if (ioctl(t->fd, VTPM_IOC_CANCEL, &cancel))
		die(2, "VTPM_IOC_CANCEL: %s", strerror(errno));
	return NULL;
}

static const char usage[] =
	"Usage: client [-e RC|fail] [-w SECONDS] [-c SECONDS] DEVICE OPERATION [ARG...]\n"
	"\n"
	"  -e  the response code to expect (0); fail: any but 0, also now and then\n"
	"  -w  seconds within which it has to be done (120)\n"
	"  -c  cancel the command under way then, by ioctl\n";

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+e:w:c:")) != -1) {
		switch (option) {
		case 'e':
			expect_fail = !strcmp(optarg, "fail");
			expect_rc = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			within = atoi(optarg);
			break;
		case 'c':
			cancel_after = atoi(optarg);
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	const struct operation *op = operations;
	pthread_t thread;
	struct tpm tpm;

	parse(argc, argv);
	argc -= optind;
	argv += optind;
	while (argc >= 2 && op < operations + ARRAY_SIZE(operations) &&
	       strcmp(op->name, argv[1]))
		op++;
	if (argc < 2 || op == operations + ARRAY_SIZE(operations) || argc < 2 + op->args) {
		fputs(usage, stderr);
		return 2;
	}
	device = argv[0];
	operation = argv[1];
	signal(SIGALRM, too_late);
	alarm(within);
	if (!op->no_device)
		open_tpm(&tpm, device);
	if (cancel_after)
		pthread_create(&thread, NULL, cancel_run, &tpm);
	op->run(&tpm, argv + 2);
	return 0;
}
