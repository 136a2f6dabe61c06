/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state file of a vTPM, as it is on disk; Documentation/state-file.rst
 * says why. Numbers are little-endian. What is reserved, or left over, is zero.
 *
 *	0	struct vtpm_store_header
 *	4096	area 0: struct vtpm_area_head, then frames
 *	4096 + area_size
 *		area 1
 *
 * Nothing but the files store*.c and this one knows of an offset.
 */
#ifndef VTPM_STORE_FORMAT_H
#define VTPM_STORE_FORMAT_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "tpm2/hw.h"
#include "tpm2/state.h"

#define VTPM_STORE_VERSION	1
#define VTPM_STORE_MAGIC	"vTPMmux\n"

/* What a write can tear: nothing that is durable shares one with what is not. */
#define VTPM_SECTOR		512

#define VTPM_STORE_AREAS	2
/*
 * Largest state that the engine can have, by tpm2/tpm2.h: 64 NV indices with
 * 64 KiB of data, 32 persistent objects and 128 primaries of VTPM2_MAX_IMAGE
 * bytes, and some 20 KiB of what there is once: about 570 KiB, and a sixth more
 * where frames cannot be filled. The rest is the journal's.
 */
#define VTPM_AREA_SIZE		(768 * 1024)
#define VTPM_AREA_SIZE_MIN	(64 * 1024)
#define VTPM_AREA_SIZE_MAX	(16 * 1024 * 1024)

#define VTPM_NAME_SIZE		34	/* TPM name of SHA-256 */
#define VTPM_STATE_KEY_SIZE	32	/* AES-256; and of what is derived from it */
#define VTPM_STATE_AUTH_SIZE	32
#define VTPM_STATE_SALT_SIZE	32
#define VTPM_STATE_TAG_SIZE	16	/* AES-GCM */
#define VTPM_STATE_MAC_SIZE	32	/* HMAC-SHA256, SHA-256 */
#define VTPM_STATE_ID_SIZE	16	/* of a file, in the ledger */

/* struct vtpm_store_header.flags */
#define VTPM_STORE_ERASED	0x00000001	/* destroyed; no keys are in it any more */
#define VTPM_STORE_LEDGER	0x00000002	/* no vTPM's, but the host's ledger */

/* A chip-wrapped object: TPM2B_PRIVATE, TPM2B_PUBLIC */
struct vtpm_store_blob {
	__le32 len;
	__u8 blob[VTPM2_MAX_SHADOW];
};

/**
 * struct vtpm_store_header - whose state this is, and the keys to it
 * @magic: VTPM_STORE_MAGIC
 * @version: VTPM_STORE_VERSION
 * @flags: VTPM_STORE_*
 * @uuid: of the vTPM, RFC 9562 byte order
 * @assurance: enum vtpm_assurance of the UAPI
 * @pcr_banks: VTPM_BANK_* of the UAPI
 * @area_size: bytes of each area, a multiple of VTPM_SECTOR
 * @reserved: 0
 * @mrk_name: TPM name of the mux root key that @vmk is wrapped by
 * @vmk_name: TPM name of the VM key
 * @reserved2: 0
 * @vmk_auth: authorization value of @vmk as a parent, and of @key
 * @vmk: the VM key, wrapped by the chip
 * @key: the state key and the shadows' authorization value, sealed by the chip
 *	under @vmk
 * @zero: 0
 * @digest: SHA-256 of all before: tells damage from forgery
 * @mac: HMAC-SHA256 of all before under a key derived from the state key
 *
 * Written when the vTPM is made, and when it is destroyed.
 */
struct vtpm_store_header {
	__u8 magic[8];
	__le32 version;
	__le32 flags;
	__u8 uuid[16];
	__le32 assurance;
	__le32 pcr_banks;
	__le32 area_size;
	__le32 reserved;
	__u8 mrk_name[VTPM_NAME_SIZE];
	__u8 vmk_name[VTPM_NAME_SIZE];
	__u8 reserved2[4];
	__u8 vmk_auth[VTPM_STATE_AUTH_SIZE];
	struct vtpm_store_blob vmk;
	struct vtpm_store_blob key;
	__u8 zero[1440];
	__u8 digest[VTPM_STATE_MAC_SIZE];
	__u8 mac[VTPM_STATE_MAC_SIZE];
};

static_assert(offsetof(struct vtpm_store_header, version) == 8);
static_assert(offsetof(struct vtpm_store_header, uuid) == 16);
static_assert(offsetof(struct vtpm_store_header, assurance) == 32);
static_assert(offsetof(struct vtpm_store_header, area_size) == 40);
static_assert(offsetof(struct vtpm_store_header, mrk_name) == 48);
static_assert(offsetof(struct vtpm_store_header, vmk_name) == 82);
static_assert(offsetof(struct vtpm_store_header, vmk_auth) == 120);
static_assert(offsetof(struct vtpm_store_header, vmk) == 152);
static_assert(offsetof(struct vtpm_store_header, key) == 1372);
static_assert(offsetof(struct vtpm_store_header, zero) == 2592);
static_assert(offsetof(struct vtpm_store_header, digest) == 4032);
static_assert(offsetof(struct vtpm_store_header, mac) == 4064);
static_assert(sizeof(struct vtpm_store_header) == 4096);

/*
 * The bits of a generation from this one on count how often an older copy of the
 * file was accepted: each time it goes on from a generation that it never had.
 */
#define VTPM_STORE_LIFE		32

#define VTPM_AREA_MAGIC		0x41546d76	/* "vmTA" */

/**
 * struct vtpm_area_head - the first sector of an area
 * @magic: VTPM_AREA_MAGIC; 0 in an area that is not in use
 * @reserved: 0
 * @generation: which life of an area this is: from 1, one more each time that
 *	either area is begun anew; VTPM_STORE_LIFE
 * @salt: random; with the state key, the UUID, the generation and the number of
 *	the area it makes the key that all frames of the area are under
 * @zero: 0
 *
 * It needs no tag: where a bit of it is wrong, no frame opens.
 */
struct vtpm_area_head {
	__le32 magic;
	__le32 reserved;
	__le64 generation;
	__u8 salt[VTPM_STATE_SALT_SIZE];
	__u8 zero[464];
};

static_assert(offsetof(struct vtpm_area_head, generation) == 8);
static_assert(offsetof(struct vtpm_area_head, salt) == 16);
static_assert(sizeof(struct vtpm_area_head) == VTPM_SECTOR);

#define VTPM_FRAME_MAGIC	0x46546d76	/* "vmTF" */

/* struct vtpm_frame.flags */
#define VTPM_FRAME_END		0x00000001	/* the transaction's last */
#define VTPM_FRAME_CLOSED	0x00000002	/* the file was closed; no records */

/**
 * struct vtpm_frame - what is encrypted at a time; begins a sector
 * @magic: VTPM_FRAME_MAGIC
 * @len: bytes that follow the structure, up to VTPM_FRAME_DATA
 * @generation: that of the area
 * @seq: 1 in the first frame of the area, and so on
 * @first: @seq of the first frame of its transaction
 * @flags: VTPM_FRAME_*
 * @reserved: 0
 * @tag: AES-256-GCM's; the nonce is @seq and 8 bytes of zero, additional data
 *	is all of the structure before the tag
 *
 * Followed by @len bytes, encrypted: records, and zeroes up to the next sector.
 * The first transaction of an area is the snapshot, the others are the journal.
 */
struct vtpm_frame {
	__le32 magic;
	__le32 len;
	__le64 generation;
	__le32 seq;
	__le32 first;
	__le32 flags;
	__le32 reserved;
	__u8 tag[VTPM_STATE_TAG_SIZE];
};

#define VTPM_FRAME_AAD		offsetof(struct vtpm_frame, tag)
#define VTPM_FRAME_MAX		(16 * 1024)
#define VTPM_FRAME_DATA		(VTPM_FRAME_MAX - sizeof(struct vtpm_frame))

static_assert(offsetof(struct vtpm_frame, len) == 4);
static_assert(offsetof(struct vtpm_frame, generation) == 8);
static_assert(offsetof(struct vtpm_frame, seq) == 16);
static_assert(offsetof(struct vtpm_frame, first) == 20);
static_assert(offsetof(struct vtpm_frame, flags) == 24);
static_assert(offsetof(struct vtpm_frame, tag) == 32);
static_assert(sizeof(struct vtpm_frame) == 48);

#define VTPM_STORE_DELETED	0xffffffff

/**
 * struct vtpm_store_record - before the bytes of a record, unaligned
 * @type: enum vtpm2_record_type
 * @id: of the record
 * @len: bytes that follow; VTPM_STORE_DELETED: none, the record is deleted
 */
struct vtpm_store_record {
	__le32 type;
	__le32 id;
	__le32 len;
} __packed;

static_assert(sizeof(struct vtpm_store_record) == 12);
static_assert(sizeof(struct vtpm_store_record) + VTPM2_MAX_RECORD <= VTPM_FRAME_DATA);

#define VTPM_STORE_FILE_SIZE(area_size)					\
	(sizeof(struct vtpm_store_header) + (u64)VTPM_STORE_AREAS * (area_size))

#endif
