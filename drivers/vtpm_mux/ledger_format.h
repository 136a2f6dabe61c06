/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of the ledger, as they are in its store; Documentation/state-file.rst
 * says why. Numbers are little-endian. What is reserved, or left over, is zero.
 */
#ifndef VTPM_LEDGER_FORMAT_H
#define VTPM_LEDGER_FORMAT_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "ledger.h"

/* Types of records */
#define VTPM_LEDGER_REC_HEAD	1	/* number 0 */
#define VTPM_LEDGER_REC_PAGE	2	/* numbers 0, 1, ... */

/**
 * struct vtpm_ledger_head - what there is one of
 * @counter: the value that the chip's counter has while this ledger counts
 * @accepted: older files that were accepted
 * @reserved: 0
 * @auth: authorization value of the counter
 */
struct vtpm_ledger_head {
	__le64 counter;
	__le32 accepted;
	__le32 reserved;
	__u8 auth[VTPM_LEDGER_AUTH_SIZE];
};

static_assert(sizeof(struct vtpm_ledger_head) == 48);

/**
 * struct vtpm_ledger_entry - a vTPM
 * @id: of its file, from the state key (vtpm_store_get_id()); zero: there is none
 * @uuid: RFC 9562 byte order
 * @generation: that its file has at least
 * @seq: and, if it has just this one, the next frame's number at least
 * @reserved: 0
 */
struct vtpm_ledger_entry {
	__u8 id[VTPM_STATE_ID_SIZE];
	__u8 uuid[16];
	__le64 generation;
	__le32 seq;
	__le32 reserved;
};

static_assert(sizeof(struct vtpm_ledger_entry) == 48);

struct vtpm_ledger_page {
	struct vtpm_ledger_entry entry[VTPM_LEDGER_PAGE];
};

static_assert(sizeof(struct vtpm_ledger_page) <= VTPM2_MAX_RECORD);

#endif
