/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a vTPM as blobs that only this kernel can read: see struct
 * vtpm_blob of <uapi/linux/vtpm_mux.h>.
 */
#ifndef VTPM_SNAPSHOT_H
#define VTPM_SNAPSHOT_H

#include <linux/types.h>
#include <linux/uuid.h>

#include "tpm2/state.h"

struct vtpm_blob;

#define VTPM_SNAPSHOT_KEY_SIZE	32

/**
 * struct vtpm_moment - one state of one vTPM, among all that it goes through
 * @epoch: random, of this kernel's time with the vTPM
 * @count: of the changes in it
 */
struct vtpm_moment {
	u64 epoch;
	u64 count;
};

/**
 * struct vtpm_snapshots - what a vTPM needs to know its own blobs
 * @key: what they are encrypted with, random or from the state file; constant
 * @uuid: whose they are; constant
 * @now: the present state
 * @last: the latest moment that there was: moments do not come again
 */
struct vtpm_snapshots {
	u8 key[VTPM_SNAPSHOT_KEY_SIZE];
	uuid_t uuid;
	struct vtpm_moment now;
	u64 last;
};

/**
 * struct vtpm_plain - half of a vTPM's state, in the clear
 * @type: enum vtpm_blob_type
 * @moment: when it was like that
 * @data: from kvmalloc()
 * @len: bytes of @data
 */
struct vtpm_plain {
	u32 type;
	struct vtpm_moment moment;
	u8 *data;
	size_t len;
};

void vtpm_snapshots_init(struct vtpm_snapshots *s, const uuid_t *uuid);
/* Whatever may change the state calls this, before. */
void vtpm_snapshots_move(struct vtpm_snapshots *s);
bool vtpm_snapshots_present(const struct vtpm_snapshots *s,
			    const struct vtpm_moment *moment);

/* With an engine: what it has; and another engine made of that. */
int vtpm_plain_take(struct vtpm_plain *plain, struct vtpm2 *t);
struct vtpm2 *vtpm_plain_engine(const struct vtpm_plain *plain,
				struct vtpm2 *now,
				const struct vtpm2_config *config);
void vtpm_plain_free(struct vtpm_plain *plain);

/* With user space. */
int vtpm_plain_seal(const struct vtpm_plain *plain,
		    const struct vtpm_snapshots *s, struct vtpm_blob *args);
int vtpm_plain_open(struct vtpm_plain *plain, const struct vtpm_snapshots *s,
		    const struct vtpm_blob *args);

#endif
