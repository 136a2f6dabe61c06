// SPDX-License-Identifier: GPL-2.0
/*
 * The state file's header, and the keys that are derived from the state key.
 */
#include <asm/byteorder.h>
#include <crypto/utils.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store_area.h"
#include "tpm2/tpm2.h"
#include "tpm2/types.h"

#define MAGIC_LEN	(sizeof(VTPM_STORE_MAGIC) - 1)

static_assert(sizeof_field(struct vtpm_store_header, magic) == MAGIC_LEN);

/*
 * KDFa (TPM 2.0 Part 1, 11.4.10.2) with SHA-256, which is the counter mode of
 * SP 800-108 with HMAC: a key each for the header and for each life of an area.
 */
static void store_kdf(const u8 *key, const char *label, const void *context,
		      size_t len, const u8 *uuid, u8 *out)
{
	vtpm2_kdfa(TPM2_ALG_SHA256, key, VTPM_STATE_KEY_SIZE, label, uuid, 16,
		   context, len, VTPM_STATE_KEY_SIZE * 8, out);
}

void vtpm_blob_key(const u8 *key, const u8 *uuid, u8 *blob_key)
{
	store_kdf(key, "vtpm_mux blobs", NULL, 0, uuid, blob_key);
}

void vtpm_file_id(const u8 *key, const u8 *uuid, u8 *id)
{
	u8 out[VTPM_STATE_KEY_SIZE];

	store_kdf(key, "vtpm_mux ledger", NULL, 0, uuid, out);
	memcpy(id, out, VTPM_STATE_ID_SIZE);
	memzero_explicit(out, sizeof(out));
}

void vtpm_area_key(const u8 *key, const u8 *uuid, unsigned int number,
		   const struct vtpm_area_head *head, u8 *area_key)
{
	struct {
		__le64 generation;
		__le32 number;
		u8 salt[VTPM_STATE_SALT_SIZE];
	} __packed context = {
		.generation = head->generation,
		.number = cpu_to_le32(number),
	};

	memcpy(context.salt, head->salt, sizeof(context.salt));
	store_kdf(key, "vtpm_mux area", &context, sizeof(context), uuid, area_key);
}

static void header_digest(const struct vtpm_store_header *h, u8 *digest)
{
	struct vtpm2_hash hash;

	vtpm2_hash_init(&hash, TPM2_ALG_SHA256);
	vtpm2_hash_update(&hash, h, offsetof(struct vtpm_store_header, digest));
	vtpm2_hash_final(&hash, digest);
}

static void header_mac(const struct vtpm_store_header *h, const u8 *key, u8 *mac)
{
	u8 mac_key[VTPM_STATE_KEY_SIZE];
	struct vtpm2_hmac hmac;

	store_kdf(key, "vtpm_mux header", NULL, 0, h->uuid, mac_key);
	vtpm2_hmac_init(&hmac, TPM2_ALG_SHA256, mac_key, sizeof(mac_key));
	vtpm2_hmac_update(&hmac, h, offsetof(struct vtpm_store_header, mac));
	vtpm2_hmac_final(&hmac, mac);
	memzero_explicit(mac_key, sizeof(mac_key));
}

static void blob_to_disk(struct vtpm_store_blob *blob, const struct vtpm2_shadow *shadow)
{
	blob->len = cpu_to_le32(shadow->len);
	memcpy(blob->blob, shadow->blob, shadow->len);
}

static bool blob_from_disk(struct vtpm2_shadow *shadow, const struct vtpm_store_blob *blob)
{
	u32 len = le32_to_cpu(blob->len);

	if (!len || len > sizeof(shadow->blob) ||
	    !mem_is_zero(blob->blob + len, sizeof(blob->blob) - len))
		return false;
	shadow->len = len;
	memcpy(shadow->blob, blob->blob, len);
	return true;
}

/* One that says whose it is, and nothing more. */
static struct vtpm_store_header *header_alloc(const u8 *uuid)
{
	struct vtpm_store_header *h;

	h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);
	if (!h)
		return NULL;
	memcpy(h->magic, VTPM_STORE_MAGIC, MAGIC_LEN);
	h->version = cpu_to_le32(VTPM_STORE_VERSION);
	memcpy(h->uuid, uuid, sizeof(h->uuid));
	return h;
}

int vtpm_header_write(const struct vtpm_medium *medium,
		      const struct vtpm_store_identity *id, u32 size, const u8 *key)
{
	struct vtpm_store_header *h = header_alloc(id->uuid);
	int rc;

	if (!h)
		return -ENOMEM;
	if (id->ledger)
		h->flags = cpu_to_le32(VTPM_STORE_LEDGER);
	h->assurance = cpu_to_le32(id->assurance);
	h->pcr_banks = cpu_to_le32(id->pcr_banks);
	h->area_size = cpu_to_le32(size);
	memcpy(h->mrk_name, id->mrk_name, sizeof(h->mrk_name));
	memcpy(h->vmk_name, id->vmk_name, sizeof(h->vmk_name));
	memcpy(h->vmk_auth, id->vmk_auth, sizeof(h->vmk_auth));
	blob_to_disk(&h->vmk, &id->vmk);
	blob_to_disk(&h->key, &id->key);
	header_digest(h, h->digest);
	header_mac(h, key, h->mac);
	rc = vtpm_medium_write(medium, 0, h, sizeof(*h));
	kfree_sensitive(h);
	return rc;
}

/* What of a file there is, the rest zero. Its size, or -errno. */
static s64 header_get(const struct vtpm_medium *medium, struct vtpm_store_header *h)
{
	s64 size = medium->ops->size(medium->arg);
	int rc;

	if (size < 0)
		return size;
	rc = vtpm_medium_read(medium, 0, h, min_t(s64, size, sizeof(*h)));
	return rc ? rc : size;
}

/* Is it one, of a version that we know, and whole? */
static int header_check(const struct vtpm_store_header *h, s64 size)
{
	u32 area = le32_to_cpu(h->area_size);
	u8 digest[VTPM_STATE_MAC_SIZE];

	if (memcmp(h->magic, VTPM_STORE_MAGIC, min_t(s64, size, MAGIC_LEN)))
		return -VTPM_STORE_ENOTSTATE;
	if (size < sizeof(*h))
		return -VTPM_STORE_ETRUNCATED;
	if (le32_to_cpu(h->version) != VTPM_STORE_VERSION)
		return -VTPM_STORE_EVERSION;
	header_digest(h, digest);
	if (memcmp(digest, h->digest, sizeof(digest)) || h->reserved ||
	    !mem_is_zero(h->reserved2, sizeof(h->reserved2)) ||
	    !mem_is_zero(h->zero, sizeof(h->zero)))
		return -VTPM_STORE_ECORRUPT;
	if (le32_to_cpu(h->flags) == VTPM_STORE_ERASED)
		return -VTPM_STORE_EERASED;
	if (le32_to_cpu(h->flags) & ~VTPM_STORE_LEDGER || area % VTPM_SECTOR ||
	    area < VTPM_AREA_SIZE_MIN || area > VTPM_AREA_SIZE_MAX)
		return -VTPM_STORE_ECORRUPT;
	if (size < VTPM_STORE_FILE_SIZE(area))
		return -VTPM_STORE_ETRUNCATED;
	return 0;
}

static int header_identity(const struct vtpm_store_header *h, struct vtpm_store_identity *id)
{
	memcpy(id->uuid, h->uuid, sizeof(id->uuid));
	id->ledger = le32_to_cpu(h->flags) & VTPM_STORE_LEDGER;
	id->assurance = le32_to_cpu(h->assurance);
	id->pcr_banks = le32_to_cpu(h->pcr_banks);
	memcpy(id->mrk_name, h->mrk_name, sizeof(id->mrk_name));
	memcpy(id->vmk_name, h->vmk_name, sizeof(id->vmk_name));
	memcpy(id->vmk_auth, h->vmk_auth, sizeof(id->vmk_auth));
	if (!blob_from_disk(&id->vmk, &h->vmk) || !blob_from_disk(&id->key, &h->key))
		return -VTPM_STORE_ECORRUPT;
	return 0;
}

/* With the key, when there is one, the header is believed; without, looked at. */
int vtpm_header_read(const struct vtpm_medium *medium,
		     struct vtpm_store_identity *id, u32 *size, const u8 *key)
{
	u8 mac[VTPM_STATE_MAC_SIZE];
	struct vtpm_store_header *h;
	s64 rc;

	h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);
	if (!h)
		return -ENOMEM;
	rc = header_get(medium, h);
	if (rc >= 0)
		rc = header_check(h, rc);
	if (!rc && key) {
		header_mac(h, key, mac);
		if (crypto_memneq(mac, h->mac, sizeof(mac)))
			rc = -VTPM_STORE_ECORRUPT;
	}
	if (!rc)
		rc = header_identity(h, id);
	*size = le32_to_cpu(h->area_size);
	kfree_sensitive(h);
	return rc;
}

/* The wrapped keys go; what is left says whose they were. */
int vtpm_header_erase(const struct vtpm_medium *medium, const u8 *uuid)
{
	struct vtpm_store_header *h = header_alloc(uuid);
	int rc;

	if (!h)
		return -ENOMEM;
	h->flags = cpu_to_le32(VTPM_STORE_ERASED);
	header_digest(h, h->digest);
	rc = vtpm_medium_write(medium, 0, h, sizeof(*h));
	kfree(h);
	return rc;
}
