// SPDX-License-Identifier: GPL-2.0
/*
 * A store whose key the chip has sealed.
 */
#include <linux/err.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "hw/hw.h"
#include "sealed.h"

int vtpm_sealed_make(const struct vtpm_medium *medium, struct vtpm_hw *hw,
		     struct vtpm_store_identity *id, struct vtpm_store **store)
{
	u8 key[VTPM_STATE_KEY_SIZE];
	struct vtpm_hw_keys *keys;
	int rc;

	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!keys)
		return -ENOMEM;
	get_random_bytes(key, sizeof(key));
	rc = vtpm_hw_seal(hw, key, keys);
	if (rc)
		goto out;
	memcpy(id->mrk_name, keys->mrk_name, sizeof(id->mrk_name));
	memcpy(id->vmk_name, keys->vmk_name, sizeof(id->vmk_name));
	memcpy(id->vmk_auth, keys->vmk_auth, sizeof(id->vmk_auth));
	memcpy(&id->vmk, &keys->vmk, sizeof(id->vmk));
	memcpy(&id->key, &keys->state_key, sizeof(id->key));
	rc = vtpm_store_make(medium, id, VTPM_AREA_SIZE, key, store);
out:
	memzero_explicit(key, sizeof(key));
	kfree_sensitive(keys);
	return rc;
}

struct vtpm_hw *vtpm_sealed_open(const struct vtpm_medium *medium,
				 const struct vtpm_store_identity *id,
				 struct vtpm_store **store)
{
	u8 key[VTPM_STATE_KEY_SIZE];
	struct vtpm_hw_keys *keys;
	struct vtpm_hw *hw;
	int rc;

	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!keys)
		return ERR_PTR(-ENOMEM);
	memcpy(keys->mrk_name, id->mrk_name, sizeof(keys->mrk_name));
	memcpy(keys->vmk_name, id->vmk_name, sizeof(keys->vmk_name));
	memcpy(keys->vmk_auth, id->vmk_auth, sizeof(keys->vmk_auth));
	memcpy(&keys->vmk, &id->vmk, sizeof(keys->vmk));
	memcpy(&keys->state_key, &id->key, sizeof(keys->state_key));
	hw = vtpm_hw_open(keys, key);
	kfree_sensitive(keys);
	if (IS_ERR(hw))
		return hw;
	rc = vtpm_store_open(medium, id, key, store);
	memzero_explicit(key, sizeof(key));
	if (!rc)
		return hw;
	vtpm_hw_destroy(hw);
	return ERR_PTR(rc);
}

const char *vtpm_sealed_why(int rc)
{
	switch (-rc) {
	case VTPM_STORE_ENOTSTATE:
		return "it is no state file";
	case VTPM_STORE_EVERSION:
		return "this module does not know its version";
	case VTPM_STORE_ETRUNCATED:
		return "it has been cut short";
	case VTPM_STORE_ECORRUPT:
		return "it is damaged or was changed";
	case VTPM_STORE_EERASED:
		return "the vTPM was destroyed";
	case VTPM_STORE_EOTHERCHIP:
		return "it was made with another chip, or this one was cleared since";
	case VTPM_STORE_EOTHERVTPM:
		return "it is not that of the vTPM that was asked for";
	case VTPM_STORE_EOLDER:
		return "it is an older copy";
	case VTPM_STORE_EUNKNOWN:
		return "the ledger does not know it: destroyed, or it is another ledger";
	case VTPM_STORE_ENOLEDGER:
		return "no ledger is attached";
	case VTPM_STORE_EKNOWN:
		return "the ledger knows another file of this vTPM";
	}
	return NULL;
}
