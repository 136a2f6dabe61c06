/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: keeps the records of one vTPM in a file, through power cuts.
 *
 *	store.c		open, make, commit, close
 *	store_header.c	whose file it is, and the keys derived from its key
 *	store_area.c	an area: a snapshot, then a journal, of frames
 *	store_aead.c	AES-256-GCM over the kernel's crypto
 *	store_file.c	the file, in the kernel
 *
 * Plain C but for the last two, for which tests/crash has others: OpenSSL, and
 * a disk that loses what was not flushed.
 *
 * The caller serializes all calls on one store. Process context; may sleep.
 */
#ifndef VTPM_STORE_H
#define VTPM_STORE_H

#include <linux/types.h>

#include "store_format.h"
#include "tpm2/state.h"

/*
 * What is wrong with a file. Each error has one meaning; those of the medium
 * itself (-EIO, -ENOSPC, ...) are passed on, and -ENOMEM is what it says.
 */
#define VTPM_STORE_ENOTSTATE	ENOMSG		/* no state file at all */
#define VTPM_STORE_EVERSION	EPROTONOSUPPORT	/* of a version not known here */
#define VTPM_STORE_ETRUNCATED	ENODATA		/* shorter than it says */
#define VTPM_STORE_ECORRUPT	EBADMSG		/* damaged or edited */
#define VTPM_STORE_EERASED	EIDRM		/* of a vTPM that was destroyed */
#define VTPM_STORE_EOTHERCHIP	EXDEV		/* made with another chip */
#define VTPM_STORE_EOTHERVTPM	EBADE		/* another vTPM's */
#define VTPM_STORE_EINUSE	ETXTBSY		/* in use by another vTPM */
#define VTPM_STORE_EOLDER	ESTALE		/* older than the ledger says */
#define VTPM_STORE_EUNKNOWN	ESRCH		/* not in the ledger */
#define VTPM_STORE_ENOLEDGER	EUNATCH		/* which there should be */
#define VTPM_STORE_EKNOWN	EEXIST		/* the ledger has another file of the vTPM */

/**
 * struct vtpm_medium_ops - what a file is kept on
 * @read: exactly @len bytes
 * @write: exactly @len bytes; what is not all written is an error
 * @sync: what was written is durable once it returns 0. After an error nothing
 *	is known about what was written since the last success.
 * @size: in bytes
 * @reserve: make room for so many bytes; the contents do not matter
 *
 * All return 0 or more, or -errno.
 */
struct vtpm_medium_ops {
	int (*read)(void *arg, u64 pos, void *buf, size_t len);
	int (*write)(void *arg, u64 pos, const void *buf, size_t len);
	int (*sync)(void *arg);
	s64 (*size)(void *arg);
	int (*reserve)(void *arg, u64 size);
};

struct vtpm_medium {
	const struct vtpm_medium_ops *ops;
	void *arg;
};

/**
 * struct vtpm_store_identity - whose file it is, and the keys in it
 * @uuid: of the vTPM
 * @ledger: it is no vTPM's but the host's ledger (ledger.h)
 * @assurance: enum vtpm_assurance
 * @pcr_banks: VTPM_BANK_*
 * @mrk_name: the mux root key's
 * @vmk_name: the VM key's
 * @vmk_auth: authorization value of the VM key
 * @vmk: the VM key, wrapped by the mux root key
 * @key: what opens the file, sealed under the VM key
 */
struct vtpm_store_identity {
	u8 uuid[16];
	bool ledger;
	u32 assurance;
	u32 pcr_banks;
	u8 mrk_name[VTPM_NAME_SIZE];
	u8 vmk_name[VTPM_NAME_SIZE];
	u8 vmk_auth[VTPM_STATE_AUTH_SIZE];
	struct vtpm2_shadow vmk;
	struct vtpm2_shadow key;
};

/**
 * struct vtpm_position - how far a file has come
 * @generation: of the area in use
 * @seq: of the next frame in it
 *
 * Of two states of one file, the earlier is before the later.
 */
struct vtpm_position {
	u64 generation;
	u32 seq;
};

static inline bool vtpm_position_before(const struct vtpm_position *a,
					const struct vtpm_position *b)
{
	return a->generation != b->generation ? a->generation < b->generation :
						a->seq < b->seq;
}

/**
 * struct vtpm_store_status - for those who look
 * @position: as of the last transaction that was made durable
 * @journal: bytes of it behind the snapshot
 * @room: bytes that are left for the journal
 * @commits: transactions that were made durable since the file was opened
 */
struct vtpm_store_status {
	struct vtpm_position position;
	u32 journal;
	u32 room;
	u64 commits;
};

struct vtpm_store;

typedef int (*vtpm_record_fn)(void *arg, const struct vtpm2_record *rec);
/* Calls @fn with every record there is; stops at an error and returns it. */
typedef int (*vtpm_each_fn)(void *source, vtpm_record_fn fn, void *arg);

/* Read and check what can be read without the key. */
int vtpm_store_identify(const struct vtpm_medium *medium,
			struct vtpm_store_identity *id);

/*
 * Make a file, which holds no records, with areas of @area_size: VTPM_AREA_SIZE
 * but in tests. Or open one. Opening writes nothing. @key is copied. Opening, @id is
 * what vtpm_store_identify() has read, or NULL: the file may have become another one
 * since, and only the key tells what is true.
 */
int vtpm_store_make(const struct vtpm_medium *medium,
		    const struct vtpm_store_identity *id, u32 area_size,
		    const u8 *key, struct vtpm_store **store);
int vtpm_store_open(const struct vtpm_medium *medium,
		    const struct vtpm_store_identity *id, const u8 *key,
		    struct vtpm_store **store);
/* Say that nothing is missing at its end, if all that was done has succeeded. */
void vtpm_store_close(struct vtpm_store *store);
/* Make the file useless for ever; vtpm_store_free() is still to be called. */
int vtpm_store_erase(struct vtpm_store *store);
/* Give back the memory, and nothing else. */
void vtpm_store_free(struct vtpm_store *store);

/* All records, as of the last commit that has succeeded. */
int vtpm_store_each(struct vtpm_store *store, vtpm_record_fn fn, void *arg);
/* All of the changes, durable, or -errno and none of them. */
int vtpm_store_commit(struct vtpm_store *store, const struct vtpm2_record *rec,
		      unsigned int n);
/* The same, of exactly these records and no others. */
int vtpm_store_replace(struct vtpm_store *store, vtpm_each_fn each,
		       void *source);

/* The same records in an area of this generation, which is a later one. */
int vtpm_store_renew(struct vtpm_store *store, u64 generation);

/* A key that whoever can open the file has, for what leaves the kernel besides. */
void vtpm_store_blob_key(const struct vtpm_store *store, u8 *key);

/* What the ledger knows it by, VTPM_STATE_ID_SIZE bytes: no other file has that. */
void vtpm_store_get_id(const struct vtpm_store *store, u8 *id);

void vtpm_store_get_status(const struct vtpm_store *store,
			   struct vtpm_store_status *status);
size_t vtpm_store_bytes(const struct vtpm_store *store);

#endif
