// SPDX-License-Identifier: GPL-2.0
/* A vTPM from the records that its store has kept. */
#include <linux/errno.h>
#include <linux/slab.h>

#include "record.h"
#include "txn.h"

struct vtpm2 *vtpm2_restore_begin(const struct vtpm2_config *config)
{
	struct vtpm2 *t = vtpm2_alloc(config);
	unsigned int i;

	if (!t)
		return NULL;
	/* what is not in a record, TPM2_Startup sets, but not these */
	for (i = 0; i < VTPM2_HIERARCHIES; i++) {
		t->hier[i].enabled = true;
		t->hier[i].policy_alg = TPM2_ALG_NULL;
	}
	t->ph_enable_nv = true;
	return t;
}

static void read_one(struct vtpm2 *t, const struct vtpm2_record *rec,
		     struct vtpm2_rd *rd)
{
	const struct vtpm2_mark mark = { .stored = true };
	struct vtpm2_txn *x = t->txn;

	switch (rec->type) {
	case VTPM2_REC_CORE:
		if (x->core_len[0] || rec->id)
			vtpm2_rd_fail(rd, TPM2_RC_VALUE);
		vtpm2_core_read(t, rd);
		x->core_len[0] = 1;	/* seen: restore_end() writes it */
		break;
	case VTPM2_REC_ORDERLY:
		if (x->orderly_stored || rec->id)
			vtpm2_rd_fail(rd, TPM2_RC_VALUE);
		vtpm2_orderly_read(t, rd);
		x->orderly_stored = true;
		break;
	case VTPM2_REC_NV:
	case VTPM2_REC_PERSISTENT:
	case VTPM2_REC_PRIMARY:
		if (vtpm2_item_find(t, rec->type, rec->id))
			vtpm2_rd_fail(rd, TPM2_RC_VALUE);
		else
			vtpm2_item_read(t, rec->type, rec->id, rd, mark);
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	}
	if (rd->left)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
}

int vtpm2_restore_record(struct vtpm2 *t, const struct vtpm2_record *rec)
{
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, rec->data, rec->len);
	read_one(t, rec, &rd);
	if (rd.err == TPM2_RC_MEMORY)
		return -ENOMEM;
	return rd.err ? -EBADMSG : 0;
}

int vtpm2_restore_end(struct vtpm2 *t)
{
	struct vtpm2_txn *x = t->txn;

	if (!x->core_len[0] || x->orderly_stored != t->shutdown_valid ||
	    (t->shutdown_type != TPM2_SU_CLEAR &&
	     t->shutdown_type != TPM2_SU_STATE))
		return -EBADMSG;
	vtpm2_txn_adopt(t);
	return 0;
}
