// SPDX-License-Identifier: GPL-2.0
/*
 * Event sequences of the host (Part 3, 22.9 to 22.11): _TPM_Hash_Start,
 * _TPM_Hash_Data and _TPM_Hash_End, which a guest has no way to send.
 *
 *	before TPM2_Startup	H-CRTM	PCR[0] = H(0...04 || H(data))
 *	after it		DRTM	PCR[17] = H(0...00 || H(data)), after
 *					all DRTM PCRs were reset
 */
#include <linux/errno.h>

#include "txn.h"

#define DRTM_PCR	17

bool vtpm2_hash_start(struct vtpm2 *t)
{
	unsigned int i;

	if (!t->powered)
		return false;
	/* one that was not ended is forgotten */
	for (i = 0; i < VTPM2_BANKS; i++)
		vtpm2_hash_init(&t->drtm[i], vtpm2_pcr_bank_alg(i));
	t->drtm_active = true;
	return true;
}

bool vtpm2_hash_data(struct vtpm2 *t, const void *data, size_t len)
{
	unsigned int i;

	for (i = 0; t->drtm_active && i < VTPM2_BANKS; i++)
		vtpm2_hash_update(&t->drtm[i], data, len);
	return t->drtm_active;
}

/* PCR[0] is still what TPM2_Startup(STATE) would go on with. */
static void end_hcrtm(struct vtpm2 *t)
{
	unsigned int i;

	t->hcrtm = true;
	for (i = 0; i < VTPM2_BANKS; i++)
		vtpm2_hash_final(&t->drtm[i], t->hcrtm_digest[i]);
}

static void end_drtm(struct vtpm2 *t)
{
	u8 digest[VTPM2_MAX_DIGEST];
	unsigned int i;

	vtpm2_pcr_reset_drtm(t);
	t->restart_count++;
	for (i = 0; i < VTPM2_BANKS; i++) {
		vtpm2_hash_final(&t->drtm[i], digest);
		vtpm2_pcr_extend(t, DRTM_PCR, i, digest);
	}
}

int vtpm2_hash_end(struct vtpm2 *t)
{
	if (!t->drtm_active)
		return -EINVAL;
	vtpm2_txn_begin(t);
	t->drtm_active = false;
	t->established = true;
	if (t->started)
		end_drtm(t);
	else
		end_hcrtm(t);
	if (!vtpm2_txn_commit(t))
		return 0;
	vtpm2_txn_undo(t);
	return -EIO;
}

bool vtpm2_reset_established(struct vtpm2 *t)
{
	if (!t->powered)
		return false;
	vtpm2_txn_begin(t);
	t->established = false;
	if (!vtpm2_txn_commit(t))
		return true;
	vtpm2_txn_undo(t);
	return false;
}
