// SPDX-License-Identifier: GPL-2.0
/*
 * A vTPM and its state file: the key from the chip, the records for the engine.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vtpm_mux.h>

#include "anchor.h"
#include "hw/hw.h"
#include "persist.h"
#include "sealed.h"
#include "store_file.h"
#include "tell.h"

/**
 * struct vtpm_persist - a state file in use
 * @file: it
 * @medium: the same for the store
 * @store: what is in it; NULL until it was made or opened
 * @anchored: what the ledger says of it
 * @uuid: of the vTPM, for messages
 * @failed: the last commit did
 * @told: how often the log says so
 */
struct vtpm_persist {
	struct vtpm_store_file *file;
	struct vtpm_medium medium;
	struct vtpm_store *store;
	struct vtpm_anchored anchored;
	uuid_t uuid;
	bool failed;
	struct ratelimit_state told;
};

struct vtpm_persist *vtpm_persist_get(int fd)
{
	struct vtpm_persist *p;

	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->file = vtpm_store_file_get(fd);
	if (IS_ERR(p->file)) {
		int rc = PTR_ERR(p->file);

		if (rc == -VTPM_STORE_EINUSE)
			pr_err("state file: another vTPM uses it\n");
		kfree(p);
		return ERR_PTR(rc);
	}
	p->medium = vtpm_store_file_medium(p->file);
	vtpm_tell_init(&p->told);
	return p;
}

void vtpm_persist_put(struct vtpm_persist *p)
{
	if (!p)
		return;
	vtpm_anchor_leave(&p->anchored);
	vtpm_store_free(p->store);
	vtpm_store_file_put(p->file);
	kfree(p);
}

/* One line for each thing that can be wrong with a file. Returns @rc. */
static int persist_refuse(const struct vtpm_persist *p, int rc)
{
	const char *why = vtpm_sealed_why(rc);

	if (why)
		pr_err("state file of %pU refused: %s\n", &p->uuid, why);
	else
		pr_err("state file of %pU: error %d\n", &p->uuid, rc);
	return rc;
}

int vtpm_persist_identify(struct vtpm_persist *p, struct vtpm_store_identity *id,
			  const u8 *uuid)
{
	int rc;

	rc = vtpm_store_identify(&p->medium, id);
	if (rc)
		return persist_refuse(p, rc);
	import_uuid(&p->uuid, id->uuid);
	if (id->ledger)
		return persist_refuse(p, -VTPM_STORE_ENOTSTATE);
	/* Whether we have written it, shows with the key. */
	if (id->assurance > VTPM_ASSURANCE_SOFTWARE)
		return persist_refuse(p, -VTPM_STORE_ECORRUPT);
	if (!mem_is_zero(uuid, UUID_SIZE) && memcmp(uuid, id->uuid, UUID_SIZE))
		return persist_refuse(p, -VTPM_STORE_EOTHERVTPM);
	return 0;
}

int vtpm_persist_make(struct vtpm_persist *p, struct vtpm_hw *hw, const uuid_t *uuid,
		      u32 assurance, u32 pcr_banks)
{
	struct vtpm_store_identity *id;
	int rc;

	uuid_copy(&p->uuid, uuid);
	rc = vtpm_anchor_ready(uuid);
	if (rc)
		return persist_refuse(p, rc);
	if (p->medium.ops->size(p->medium.arg))
		return -ENOTEMPTY;
	id = kzalloc(sizeof(*id), GFP_KERNEL_ACCOUNT);
	if (!id)
		return -ENOMEM;
	export_uuid(id->uuid, uuid);
	id->assurance = assurance;
	id->pcr_banks = pcr_banks;
	rc = vtpm_sealed_make(&p->medium, hw, id, &p->store);
	kfree_sensitive(id);
	return rc ? persist_refuse(p, rc) : 0;
}

static int each_of_engine(void *tpm, vtpm_record_fn fn, void *arg)
{
	return vtpm2_each_record(tpm, fn, arg);
}

int vtpm_persist_begin(struct vtpm_persist *p, struct vtpm2 *tpm)
{
	int rc;

	rc = vtpm_store_replace(p->store, each_of_engine, tpm);
	if (rc)
		return persist_refuse(p, rc);
	vtpm_anchor_move(&p->anchored, p->store);
	return 0;
}

int vtpm_persist_enter(struct vtpm_persist *p)
{
	int rc = vtpm_anchor_enter(&p->anchored, &p->uuid, p->store);

	return rc ? persist_refuse(p, rc) : 0;
}

struct vtpm_hw *vtpm_persist_open(struct vtpm_persist *p,
				  const struct vtpm_store_identity *id, bool accept)
{
	struct vtpm_hw *hw;
	int rc;

	hw = vtpm_sealed_open(&p->medium, id, &p->store);
	if (IS_ERR(hw)) {
		persist_refuse(p, PTR_ERR(hw));
		return hw;
	}
	rc = vtpm_anchor_admit(&p->anchored, &p->uuid, p->store, accept);
	if (!rc)
		return hw;
	vtpm_hw_destroy(hw);
	return ERR_PTR(persist_refuse(p, rc));
}

static int restore_record(void *tpm, const struct vtpm2_record *rec)
{
	return vtpm2_restore_record(tpm, rec);
}

/* A disk that is full or fails is said once, and once that it is well again. */
static void persist_tell(struct vtpm_persist *p, int rc)
{
	if (p->failed == !!rc)
		return;
	p->failed = rc;
	/* the one who sends the commands has limits of his own for files */
	if (!__ratelimit(&p->told))
		return;
	if (rc)
		pr_err("state file of %pU: error %d: changes are refused\n", &p->uuid, rc);
	else
		pr_info("state file of %pU: it can be written again\n", &p->uuid);
}

static int persist_commit(void *store, const struct vtpm2_record *rec, unsigned int n)
{
	struct vtpm_persist *p = store;
	int rc;

	rc = vtpm_store_commit(p->store, rec, n);
	if (!rc)
		vtpm_anchor_move(&p->anchored, p->store);
	persist_tell(p, rc);
	return rc;
}

static const struct vtpm2_store_ops persist_ops = {
	.commit = persist_commit,
};

void vtpm_persist_config(struct vtpm_persist *p, struct vtpm2_config *config)
{
	config->store_ops = &persist_ops;
	config->store = p;
}

struct vtpm2 *vtpm_persist_restore(struct vtpm_persist *p, const struct vtpm2_config *config)
{
	struct vtpm2 *tpm;
	int rc;

	tpm = vtpm2_restore_begin(config);
	if (!tpm)
		return ERR_PTR(-ENOMEM);
	rc = vtpm_store_each(p->store, restore_record, tpm);
	if (!rc)
		rc = vtpm2_restore_end(tpm);
	if (!rc)
		return tpm;
	vtpm2_destroy(tpm);
	return ERR_PTR(persist_refuse(p, rc));
}

void vtpm_persist_close(struct vtpm_persist *p)
{
	if (!p->store)
		return;
	vtpm_store_close(p->store);
	vtpm_anchor_move(&p->anchored, p->store);
}

int vtpm_persist_erase(struct vtpm_persist *p)
{
	int rc, forgotten;

	if (!p->store)
		return 0;
	rc = vtpm_store_erase(p->store);
	if (rc)
		pr_err("state file of %pU: not erased: error %d\n", &p->uuid, rc);
	forgotten = vtpm_anchor_forget(&p->anchored);
	if (forgotten)
		pr_err("state file of %pU: the ledger still has it: error %d\n", &p->uuid,
		       forgotten);
	return rc ?: forgotten;
}

void vtpm_persist_power_off(struct vtpm_persist *p)
{
	vtpm_anchor_hurry(&p->anchored);
}

void vtpm_persist_blob_key(const struct vtpm_persist *p, u8 *key)
{
	vtpm_store_blob_key(p->store, key);
}

void vtpm_persist_get_status(const struct vtpm_persist *p,
			     struct vtpm_store_status *status)
{
	vtpm_store_get_status(p->store, status);
}

size_t vtpm_persist_bytes(const struct vtpm_persist *p)
{
	return sizeof(*p) + vtpm_store_bytes(p->store);
}
