// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a vTPM as blobs that only this kernel can read.
 *
 *	struct vtpm_blob_header, in the clear
 *	for each BLOB_CHUNK of the text: tag, encrypted bytes
 *
 * Each blob has a key of its own, derived from the vTPM's key and a random salt;
 * a chunk's nonce is its number. The header is authenticated with every chunk,
 * and with it the length of all: nothing can be exchanged, left out or added.
 * The text of a permanent blob is the engine's records, each behind its type,
 * number and length; that of a volatile one is the engine's.
 */
#include <asm/byteorder.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/vtpm_mux.h>

#include "snapshot.h"
#include "store_aead.h"
#include "store_format.h"
#include "tpm2/tpm2.h"
#include "tpm2/types.h"

#define BLOB_MAGIC	"vTPMblob"
#define BLOB_VERSION	1
#define BLOB_CHUNK	16384
#define BLOB_SALT_SIZE	32
#define RECORD_HEAD	12	/* type, number, length */

/**
 * struct vtpm_blob_header - what a blob begins with
 * @magic: BLOB_MAGIC
 * @version: BLOB_VERSION
 * @type: enum vtpm_blob_type
 * @uuid: of the vTPM
 * @epoch: see struct vtpm_moment
 * @count: likewise
 * @salt: random
 * @len: bytes of the text
 * @reserved: 0
 */
struct vtpm_blob_header {
	u8 magic[8];
	__le32 version;
	__le32 type;
	u8 uuid[16];
	__le64 epoch;
	__le64 count;
	u8 salt[BLOB_SALT_SIZE];
	__le32 len;
	__le32 reserved;
} __packed;

static_assert(sizeof(struct vtpm_blob_header) == 88);

/* One chunk as the AEAD wants it: what is authenticated, the tag, the text. */
struct blob_chunk {
	struct vtpm_blob_header header;
	u8 tag[VTPM_STATE_TAG_SIZE];
	u8 text[BLOB_CHUNK];
} __packed;

/* A blob on its way. */
struct blob_crypt {
	struct vtpm_blob_header header;
	struct vtpm_aead *aead;
	struct blob_chunk *chunk;
};

void vtpm_snapshots_init(struct vtpm_snapshots *s, const uuid_t *uuid)
{
	get_random_bytes(s->key, sizeof(s->key));
	s->uuid = *uuid;
	get_random_bytes(&s->now.epoch, sizeof(s->now.epoch));
}

void vtpm_snapshots_move(struct vtpm_snapshots *s)
{
	s->now.count = ++s->last;
}

bool vtpm_snapshots_present(const struct vtpm_snapshots *s,
			    const struct vtpm_moment *moment)
{
	return s->now.epoch == moment->epoch && s->now.count == moment->count;
}

void vtpm_plain_free(struct vtpm_plain *plain)
{
	kvfree_sensitive(plain->data, plain->len);
	plain->data = NULL;
	plain->len = 0;
}

static int plain_count(void *arg, const struct vtpm2_record *rec)
{
	size_t *len = arg;

	*len += RECORD_HEAD + rec->len;
	return 0;
}

/* @plain->len is how much was written; there is room for @room. */
struct plain_room {
	struct vtpm_plain *plain;
	size_t room;
};

static int plain_add(void *arg, const struct vtpm2_record *rec)
{
	struct plain_room *r = arg;
	u8 *p = r->plain->data + r->plain->len;

	if (r->room - r->plain->len < RECORD_HEAD + rec->len)
		return -EIO;
	put_unaligned_le32(rec->type, p);
	put_unaligned_le32(rec->id, p + 4);
	put_unaligned_le32(rec->len, p + 8);
	memcpy(p + RECORD_HEAD, rec->data, rec->len);
	r->plain->len += RECORD_HEAD + rec->len;
	return 0;
}

static int plain_take_permanent(struct vtpm_plain *plain, struct vtpm2 *t)
{
	struct plain_room r = { .plain = plain };
	int rc;

	rc = vtpm2_each_record(t, plain_count, &r.room);
	if (rc)
		return rc;
	plain->data = kvmalloc(r.room, GFP_KERNEL_ACCOUNT);
	if (!plain->data)
		return -ENOMEM;
	rc = vtpm2_each_record(t, plain_add, &r);
	if (rc)
		vtpm_plain_free(plain);
	return rc;
}

static int plain_take_volatile(struct vtpm_plain *plain, struct vtpm2 *t)
{
	ssize_t n;

	plain->data = kvmalloc(VTPM2_MAX_VOLATILE, GFP_KERNEL_ACCOUNT);
	if (!plain->data)
		return -ENOMEM;
	n = vtpm2_volatile_write(t, plain->data, VTPM2_MAX_VOLATILE);
	if (n >= 0) {
		plain->len = n;
		return 0;
	}
	kvfree_sensitive(plain->data, VTPM2_MAX_VOLATILE);
	plain->data = NULL;
	return n;
}

/**
 * vtpm_plain_take() - the state of an engine, in the clear
 * @plain: its type says which half; to be given to vtpm_plain_free()
 * @t: the engine
 *
 * Return: 0; -EINVAL no such type, -ENOMEM, -EIO the store fails.
 */
int vtpm_plain_take(struct vtpm_plain *plain, struct vtpm2 *t)
{
	plain->data = NULL;
	plain->len = 0;
	switch (plain->type) {
	case VTPM_BLOB_PERMANENT:
		return plain_take_permanent(plain, t);
	case VTPM_BLOB_VOLATILE:
		return plain_take_volatile(plain, t);
	}
	return -EINVAL;
}

static int engine_add(void *arg, const struct vtpm2_record *rec)
{
	return vtpm2_restore_record(arg, rec);
}

static int engine_permanent(struct vtpm2 *t, const struct vtpm_plain *plain)
{
	const u8 *p = plain->data;
	size_t left = plain->len;
	int rc;

	while (left) {
		struct vtpm2_record rec;

		if (left < RECORD_HEAD)
			return -EBADMSG;
		rec.type = get_unaligned_le32(p);
		rec.id = get_unaligned_le32(p + 4);
		rec.len = get_unaligned_le32(p + 8);
		rec.data = p + RECORD_HEAD;
		left -= RECORD_HEAD;
		if (!rec.len || rec.len > left)
			return -EBADMSG;
		rc = vtpm2_restore_record(t, &rec);
		if (rc)
			return rc;
		left -= rec.len;
		p += RECORD_HEAD + rec.len;
	}
	return vtpm2_restore_end(t);
}

static int engine_volatile(struct vtpm2 *t, const struct vtpm_plain *plain,
			   struct vtpm2 *now)
{
	int rc;

	rc = vtpm2_each_record(now, engine_add, t);
	if (!rc)
		rc = vtpm2_restore_end(t);
	if (!rc)
		rc = vtpm2_volatile_read(t, plain->data, plain->len);
	return rc;
}

/**
 * vtpm_plain_engine() - an engine of this state
 * @plain: the state
 * @now: the engine that a volatile state's permanent one is taken from
 * @config: as for vtpm2_create()
 *
 * Return: the engine; -EBADMSG it is none of an engine's, -ESTALE a volatile
 * state that does not go with the permanent one, -ENOMEM.
 */
struct vtpm2 *vtpm_plain_engine(const struct vtpm_plain *plain,
				struct vtpm2 *now,
				const struct vtpm2_config *config)
{
	struct vtpm2 *t;
	int rc;

	t = vtpm2_restore_begin(config);
	if (!t)
		return ERR_PTR(-ENOMEM);
	if (plain->type == VTPM_BLOB_PERMANENT)
		rc = engine_permanent(t, plain);
	else
		rc = engine_volatile(t, plain, now);
	if (!rc)
		return t;
	vtpm2_destroy(t);
	return ERR_PTR(rc);
}

static size_t blob_size(size_t len)
{
	return sizeof(struct vtpm_blob_header) + len +
	       DIV_ROUND_UP(len, BLOB_CHUNK) * VTPM_STATE_TAG_SIZE;
}

/* @c->header is complete. */
static int crypt_begin(struct blob_crypt *c, const struct vtpm_snapshots *s)
{
	u8 key[VTPM_STATE_KEY_SIZE];

	vtpm2_kdfa(TPM2_ALG_SHA256, s->key, sizeof(s->key), "vtpm_mux blob",
		   c->header.salt, BLOB_SALT_SIZE, c->header.uuid,
		   sizeof(c->header.uuid), sizeof(key) * 8, key);
	c->aead = vtpm_aead_alloc(key);
	memzero_explicit(key, sizeof(key));
	if (IS_ERR(c->aead))
		return PTR_ERR(c->aead);
	c->chunk = kmalloc(sizeof(*c->chunk), GFP_KERNEL_ACCOUNT);
	if (c->chunk)
		return 0;
	vtpm_aead_free(c->aead);
	return -ENOMEM;
}

static void crypt_end(struct blob_crypt *c)
{
	kfree_sensitive(c->chunk);
	vtpm_aead_free(c->aead);
}

static int seal_chunks(struct blob_crypt *c, const struct vtpm_plain *plain,
		       u8 __user *to)
{
	struct blob_chunk *chunk = c->chunk;
	size_t at, n;
	int rc;

	for (at = 0; at < plain->len; at += n) {
		n = min_t(size_t, plain->len - at, BLOB_CHUNK);
		chunk->header = c->header;
		memcpy(chunk->text, plain->data + at, n);
		rc = vtpm_aead_seal(c->aead, at / BLOB_CHUNK, (u8 *)chunk,
				    sizeof(chunk->header), n);
		if (rc)
			return rc;
		/* tag and text, side by side; vtpm_plain_seal() saw the room */
		if (copy_to_user(to, chunk->tag, sizeof(chunk->tag)) ||
		    copy_to_user(to + sizeof(chunk->tag), chunk->text, n))
			return -EFAULT;
		to += sizeof(chunk->tag) + n;
	}
	return 0;
}

/**
 * vtpm_plain_seal() - give a state to user space, encrypted
 * @plain: the state
 * @s: the vTPM's
 * @args: where to; its @len becomes that of the blob
 *
 * Return: 0; -ENOBUFS it does not fit, -EFAULT, -ENOMEM.
 */
int vtpm_plain_seal(const struct vtpm_plain *plain,
		    const struct vtpm_snapshots *s, struct vtpm_blob *args)
{
	u8 __user *to = u64_to_user_ptr(args->data);
	struct blob_crypt c = {
		.header = {
			.magic = BLOB_MAGIC,
			.version = cpu_to_le32(BLOB_VERSION),
			.type = cpu_to_le32(plain->type),
			.epoch = cpu_to_le64(plain->moment.epoch),
			.count = cpu_to_le64(plain->moment.count),
			.len = cpu_to_le32(plain->len),
		},
	};
	size_t size = blob_size(plain->len);
	u32 room = args->len;
	int rc;

	args->len = size;
	if (room < size)
		return -ENOBUFS;
	export_uuid(c.header.uuid, &s->uuid);
	get_random_bytes(c.header.salt, sizeof(c.header.salt));
	if (copy_to_user(to, &c.header, sizeof(c.header)))
		return -EFAULT;
	rc = crypt_begin(&c, s);
	if (rc)
		return rc;
	rc = seal_chunks(&c, plain, to + sizeof(c.header));
	crypt_end(&c);
	return rc;
}

static int open_chunks(struct blob_crypt *c, struct vtpm_plain *plain,
		       const u8 __user *from)
{
	struct blob_chunk *chunk = c->chunk;
	size_t at, n;
	int rc;

	for (at = 0; at < plain->len; at += n) {
		n = min_t(size_t, plain->len - at, BLOB_CHUNK);
		chunk->header = c->header;
		if (copy_from_user(chunk->tag, from, sizeof(chunk->tag)) ||
		    copy_from_user(chunk->text, from + sizeof(chunk->tag), n))
			return -EFAULT;
		rc = vtpm_aead_open(c->aead, at / BLOB_CHUNK, (u8 *)chunk,
				    sizeof(chunk->header), n);
		if (rc)
			return rc;
		memcpy(plain->data + at, chunk->text, n);
		from += sizeof(chunk->tag) + n;
	}
	return 0;
}

/* Is this one of ours, by what it says itself? */
static bool header_fits(const struct vtpm_blob_header *header,
			const struct vtpm_snapshots *s,
			const struct vtpm_blob *args)
{
	u8 uuid[16];

	export_uuid(uuid, &s->uuid);
	return !memcmp(header->magic, BLOB_MAGIC, sizeof(header->magic)) &&
	       header->version == cpu_to_le32(BLOB_VERSION) &&
	       header->type == cpu_to_le32(args->type) &&
	       !memcmp(header->uuid, uuid, sizeof(uuid)) &&
	       header->len && le32_to_cpu(header->len) < VTPM_BLOB_MAX &&
	       blob_size(le32_to_cpu(header->len)) == args->len;
}

/**
 * vtpm_plain_open() - take a state from user space
 * @plain: the state; to be given to vtpm_plain_free()
 * @s: the vTPM's
 * @args: where from
 *
 * Return: 0; -EBADMSG not what this vTPM has given, -EFAULT, -ENOMEM.
 */
int vtpm_plain_open(struct vtpm_plain *plain, const struct vtpm_snapshots *s,
		    const struct vtpm_blob *args)
{
	const u8 __user *from = u64_to_user_ptr(args->data);
	struct blob_crypt c;
	int rc;

	plain->data = NULL;
	plain->len = 0;
	if (args->len < sizeof(c.header))
		return -EBADMSG;
	if (copy_from_user(&c.header, from, sizeof(c.header)))
		return -EFAULT;
	if (!header_fits(&c.header, s, args))
		return -EBADMSG;
	plain->type = args->type;
	plain->moment.epoch = le64_to_cpu(c.header.epoch);
	plain->moment.count = le64_to_cpu(c.header.count);
	plain->data = kvmalloc(le32_to_cpu(c.header.len), GFP_KERNEL_ACCOUNT);
	if (!plain->data)
		return -ENOMEM;
	plain->len = le32_to_cpu(c.header.len);
	rc = crypt_begin(&c, s);
	if (!rc) {
		rc = open_chunks(&c, plain, from + sizeof(c.header));
		crypt_end(&c);
	}
	if (rc)
		vtpm_plain_free(plain);
	return rc;
}
