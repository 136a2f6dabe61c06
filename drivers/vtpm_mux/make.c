// SPDX-License-Identifier: GPL-2.0
/*
 * What a vTPM consists of: the chip's side, the state file, the engine.
 */
#include <linux/err.h>
#include <linux/vtpm_mux.h>

#include "instance.h"
#include "make.h"
#include "persist.h"
#include "snapshot.h"

/* What these say of the chip's handles and memory, create says of vTPMs. */
static int make_hw_errno(int rc)
{
	return rc == -EEXIST || rc == -ENOSPC ? -EIO : rc;
}

/*
 * The chip keeps the key of a state file also where it shall keep no key of the
 * guest: then the engine does not know that there is one.
 */
static void make_config(struct vtpm *vtpm, struct vtpm2_config *config)
{
	static const enum vtpm2_assurance assurance[] = {
		[VTPM_ASSURANCE_AUTO] = VTPM2_ASSURANCE_AUTO,
		[VTPM_ASSURANCE_HARDWARE] = VTPM2_ASSURANCE_HARDWARE,
		[VTPM_ASSURANCE_SOFTWARE] = VTPM2_ASSURANCE_SOFTWARE,
	};

	*config = (struct vtpm2_config){
		.assurance = assurance[vtpm->assurance],
		.pcr_banks = vtpm->pcr_banks,
	};
	if (vtpm->assurance != VTPM_ASSURANCE_SOFTWARE) {
		config->ops = &vtpm_hw_ops;
		config->hw = vtpm->hw;
	}
	if (vtpm->persist)
		vtpm_persist_config(vtpm->persist, config);
}

static void make_undo(struct vtpm *vtpm)
{
	if (vtpm->tpm)
		vtpm2_destroy(vtpm->tpm);
	vtpm->tpm = NULL;
	if (vtpm->hw)
		vtpm_hw_destroy(vtpm->hw);
	vtpm->hw = NULL;
}

static int make_keys(struct vtpm *vtpm)
{
	struct vtpm_hw *hw;

	if (vtpm->assurance == VTPM_ASSURANCE_SOFTWARE && !vtpm->persist)
		return 0;
	hw = vtpm_hw_create();
	if (IS_ERR(hw))
		return make_hw_errno(PTR_ERR(hw));
	vtpm->hw = hw;
	return 0;
}

int vtpm_make_new(struct vtpm *vtpm)
{
	struct vtpm2_config config;
	int rc;

	rc = make_keys(vtpm);
	if (!rc && vtpm->persist)
		rc = vtpm_persist_make(vtpm->persist, vtpm->hw, &vtpm->uuid,
				       vtpm->assurance, vtpm->pcr_banks);
	if (!rc) {
		make_config(vtpm, &config);
		vtpm->tpm = vtpm2_create(&config);
		rc = vtpm->tpm ? 0 : -ENOMEM;
	}
	if (!rc && vtpm->persist)
		rc = vtpm_persist_begin(vtpm->persist, vtpm->tpm);
	if (!rc && vtpm->persist)
		rc = vtpm_persist_enter(vtpm->persist);
	if (rc)
		make_undo(vtpm);
	return rc;
}

int vtpm_make_again(struct vtpm *vtpm, const struct vtpm_store_identity *id, bool accept)
{
	struct vtpm2_config config;
	struct vtpm_hw *hw;
	struct vtpm2 *tpm;

	hw = vtpm_persist_open(vtpm->persist, id, accept);
	if (IS_ERR(hw))
		return make_hw_errno(PTR_ERR(hw));
	vtpm->hw = hw;
	make_config(vtpm, &config);
	tpm = vtpm_persist_restore(vtpm->persist, &config);
	if (IS_ERR(tpm)) {
		make_undo(vtpm);
		return PTR_ERR(tpm);
	}
	vtpm->tpm = tpm;
	return 0;
}

struct vtpm2 *vtpm_make_other(struct vtpm *vtpm, const struct vtpm_plain *plain)
{
	struct vtpm2_config config;
	struct vtpm2 *tpm;
	int rc;

	make_config(vtpm, &config);
	tpm = vtpm_plain_engine(plain, vtpm->tpm, &config);
	if (IS_ERR(tpm) || !vtpm->persist || plain->type != VTPM_BLOB_PERMANENT)
		return tpm;
	rc = vtpm_persist_begin(vtpm->persist, tpm);
	if (!rc)
		return tpm;
	vtpm2_destroy(tpm);
	return ERR_PTR(rc);
}
