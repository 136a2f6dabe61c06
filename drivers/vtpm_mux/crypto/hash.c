// SPDX-License-Identifier: GPL-2.0
/*
 * Hashes over the kernel's synchronous hash API. One transform per algorithm
 * serves everybody: without a key it has no state of its own.
 */
#include <crypto/hash.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../tpm2/crypto.h"
#include "../tpm2/types.h"
#include "hash.h"

struct hash_alg {
	u16 alg;
	u16 digest_size;
	u16 block_size;
	const char *name;
};

static const struct hash_alg hash_algs[] = {
	{ TPM2_ALG_SHA1, 20, 64, "sha1" },
	{ TPM2_ALG_SHA256, 32, 64, "sha256" },
	{ TPM2_ALG_SHA384, 48, 128, "sha384" },
	{ TPM2_ALG_SHA512, 64, 128, "sha512" },
};

/* By index of hash_algs; set up before, and freed after, all use */
static struct crypto_shash *hash_tfms[ARRAY_SIZE(hash_algs)];

/* Index of an algorithm, or -1 */
static int hash_find(u16 alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hash_algs); i++)
		if (hash_algs[i].alg == alg)
			return i;
	return -1;
}

u16 vtpm2_digest_size(u16 alg)
{
	int i = hash_find(alg);

	return i < 0 ? 0 : hash_algs[i].digest_size;
}

u16 vtpm2_hash_block_size(u16 alg)
{
	int i = hash_find(alg);

	return i < 0 ? 0 : hash_algs[i].block_size;
}

/* Set the transform, whose state follows it in @h->state. */
static struct shash_desc *hash_start(struct vtpm2_hash *h, u16 alg)
{
	struct shash_desc *desc = (struct shash_desc *)h->state;
	int i = hash_find(alg);

	BUILD_BUG_ON(__alignof__(*desc) > 16);
	memset(h, 0, sizeof(*h));
	h->alg = alg;
	if (WARN_ON_ONCE(i < 0))
		return NULL;
	desc->tfm = hash_tfms[i];
	return desc;
}

/* A hash that failed, which none does, has no transform from then on. */
static void hash_check(struct vtpm2_hash *h, int err)
{
	if (WARN_ON_ONCE(err))
		memzero_explicit(h->state, sizeof(h->state));
}

static struct shash_desc *hash_desc(const struct vtpm2_hash *h)
{
	struct shash_desc *desc = (struct shash_desc *)h->state;

	return desc->tfm ? desc : NULL;
}

void vtpm2_hash_init(struct vtpm2_hash *h, u16 alg)
{
	struct shash_desc *desc = hash_start(h, alg);

	if (desc)
		hash_check(h, crypto_shash_init(desc));
}

void vtpm2_hash_update(struct vtpm2_hash *h, const void *data, size_t len)
{
	struct shash_desc *desc = hash_desc(h);
	unsigned int chunk;

	/* The API counts in unsigned int. */
	for (; desc && len; data += chunk, len -= chunk) {
		chunk = min_t(size_t, len, SZ_1G);
		hash_check(h, crypto_shash_update(desc, data, chunk));
		desc = hash_desc(h);
	}
}

void vtpm2_hash_final(struct vtpm2_hash *h, u8 *digest)
{
	struct shash_desc *desc = hash_desc(h);

	memset(digest, 0, vtpm2_digest_size(h->alg));
	if (desc && WARN_ON_ONCE(crypto_shash_final(desc, digest)))
		memset(digest, 0, vtpm2_digest_size(h->alg));
	memzero_explicit(h, sizeof(*h));
}

void vtpm2_hash_export(const struct vtpm2_hash *h, u8 *state)
{
	struct shash_desc *desc = hash_desc(h);

	memset(state, 0, VTPM2_HASH_EXPORT);
	if (desc && WARN_ON_ONCE(crypto_shash_export(desc, state)))
		memset(state, 0, VTPM2_HASH_EXPORT);
}

void vtpm2_hash_import(struct vtpm2_hash *h, u16 alg, const u8 *state)
{
	struct shash_desc *desc = hash_start(h, alg);

	if (desc)
		hash_check(h, crypto_shash_import(desc, state));
}

static int hash_alloc(unsigned int i)
{
	struct crypto_shash *tfm;

	tfm = crypto_alloc_shash(hash_algs[i].name, 0, 0);
	if (IS_ERR(tfm)) {
		pr_err("no hash algorithm %s: %ld\n", hash_algs[i].name,
		       PTR_ERR(tfm));
		return PTR_ERR(tfm);
	}
	hash_tfms[i] = tfm;
	if (sizeof(struct shash_desc) + crypto_shash_descsize(tfm) >
		    VTPM2_HASH_STATE ||
	    crypto_shash_statesize(tfm) > VTPM2_HASH_EXPORT ||
	    crypto_shash_digestsize(tfm) != hash_algs[i].digest_size) {
		pr_err("hash algorithm %s has a state of %u bytes, %u saved: too large\n",
		       crypto_shash_driver_name(tfm),
		       crypto_shash_descsize(tfm), crypto_shash_statesize(tfm));
		return -E2BIG;
	}
	return 0;
}

/**
 * vtpm2_hash_setup() - allocate the transforms
 *
 * Return: 0 or a negative errno; -E2BIG if the state of one does not fit a
 * struct vtpm2_hash. Then nothing is left allocated.
 */
int vtpm2_hash_setup(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(hash_algs); i++) {
		ret = hash_alloc(i);
		if (ret) {
			vtpm2_hash_teardown();
			return ret;
		}
	}
	return 0;
}

/**
 * vtpm2_hash_teardown() - free the transforms
 */
void vtpm2_hash_teardown(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hash_algs); i++) {
		crypto_free_shash(hash_tfms[i]);
		hash_tfms[i] = NULL;
	}
}
