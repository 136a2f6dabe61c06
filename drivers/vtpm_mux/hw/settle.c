// SPDX-License-Identifier: GPL-2.0
/*
 * What the chip really has loaded, when we are in doubt: after a response that
 * got lost, a reset, an object that turned out to be somebody else's.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "public.h"

/* More loaded objects than this cannot be listed; there is no such chip. */
#define HANDLES_MAX	64

/* The name of the object at @handle, or 0 bytes of it. */
static int read_name(struct vtpm_chip *chip, u32 handle, u8 *name)
{
	struct vtpm_public pub;
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	const u8 *p;
	size_t len;
	int ret;

	memset(name, 0, VTPM_NAME_LEN);
	vtpm_cmd_start(chip, &wr, TPM2_CC_ReadPublic);
	vtpm_wr_u32(&wr, handle);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (ret)
		return ret;
	vtpm_public_read(&rd, &pub);
	p = vtpm_rd_2b(&rd, &len);
	if (len == VTPM_NAME_LEN)
		memcpy(name, p, len);
	return 0;
}

/* The handles of all loaded objects, at most @max; their number or an error. */
static int list_handles(struct vtpm_chip *chip, u32 *handles, unsigned int max)
{
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	unsigned int i, n;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_GetCapability);
	vtpm_wr_u32(&wr, TPM2_CAP_HANDLES);
	vtpm_wr_u32(&wr, TPM2_TRANSIENT_FIRST);
	vtpm_wr_u32(&wr, max);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (ret)
		return ret < 0 ? ret : -EIO;
	vtpm_rd_u8(&rd);		/* more data */
	if (vtpm_rd_u32(&rd) != TPM2_CAP_HANDLES)
		return -EBADMSG;
	n = vtpm_rd_u32(&rd);
	if (n > max)
		return -EBADMSG;
	for (i = 0; i < n; i++)
		handles[i] = vtpm_rd_u32(&rd);
	return rd.bad ? -EBADMSG : n;
}

/* Is the object @name at @handle one of ours, and where we think it is? */
static void settle_handle(struct vtpm_chip *chip, u32 handle, const u8 *name,
			  unsigned long *confirmed)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_slot *slot;

	spin_lock(&cache->lock);
	slot = vtpm_slots_by_handle(&cache->slots, handle);
	if (slot && memcmp(slot->name, name, VTPM_NAME_LEN))
		slot = NULL;
	spin_unlock(&cache->lock);
	if (slot)
		__set_bit(slot - cache->slots.slot, confirmed);
	else if (!memcmp(cache->lost, name, VTPM_NAME_LEN))
		vtpm_cache_flush_handle(chip, handle);
}

/*
 * Compare the slots with what the chip says it has loaded. What it does not
 * have, or has become another object, is forgotten; what it was loading when
 * its answer got lost is flushed.
 */
int vtpm_cache_settle(struct vtpm_chip *chip)
{
	struct vtpm_cache *cache = &chip->cache;
	DECLARE_BITMAP(confirmed, VTPM_SLOTS_MAX) = {};
	struct vtpm_hw *account = chip->account;
	u32 handles[HANDLES_MAX];
	u8 name[VTPM_NAME_LEN];
	int i, n, ret = 0;

	if (!cache->doubt)
		return 0;
	chip->account = NULL;
	n = list_handles(chip, handles, HANDLES_MAX);
	for (i = 0; i < n && ret >= 0; i++) {
		ret = read_name(chip, handles[i], name);
		if (!ret && name[1])
			settle_handle(chip, handles[i], name, confirmed);
	}
	chip->account = account;
	if (n < 0 || ret < 0)
		return n < 0 ? n : ret;

	spin_lock(&cache->lock);
	for (i = 0; i < VTPM_SLOTS_MAX; i++)
		if (cache->slots.slot[i].owner && !test_bit(i, confirmed))
			vtpm_slots_remove(&cache->slots, &cache->slots.slot[i]);
	spin_unlock(&cache->lock);
	memset(cache->lost, 0, sizeof(cache->lost));
	cache->doubt = false;
	return 0;
}
