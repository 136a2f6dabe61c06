// SPDX-License-Identifier: GPL-2.0
/*
 * What the chip really has loaded, when we are in doubt: after a response that
 * got lost, a reset, an object that turned out to be somebody else's.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "public.h"
#include "rc.h"

/* More loaded objects than this cannot be listed; there is no such chip. */
#define HANDLES_MAX	64

/*
 * The commands are not built in the chip's command buffer: another, to be
 * repeated, may be in there.
 */
#define COMMAND_MAX	32

/* The name of the object at @handle; zeroes if it has none, or is gone. */
static int read_name(struct vtpm_chip *chip, u32 handle, u8 *name)
{
	struct vtpm_public pub;
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	u8 cmd[COMMAND_MAX];
	const u8 *p;
	size_t len;
	int ret;

	memset(name, 0, VTPM_NAME_LEN);
	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_READ_PUBLIC);
	vtpm_wr_u32(&wr, handle);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (vtpm_rc_handle_lost(ret) || ret == TPM2_RC_SEQUENCE)
		return 0;
	if (ret)
		return ret < 0 ? ret : -EIO;
	vtpm_public_read(&rd, &pub);
	p = vtpm_rd_2b(&rd, &len);
	if (rd.bad)
		return -EBADMSG;
	if (len == VTPM_NAME_LEN)
		memcpy(name, p, len);
	return 0;
}

/* The handles of all loaded objects, at most @max; their number or an error. */
static int list_handles(struct vtpm_chip *chip, u32 *handles, unsigned int max)
{
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	u8 cmd[COMMAND_MAX];
	unsigned int i, n;
	int ret;

	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_GET_CAPABILITY);
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
	else if (vtpm_recent_has(&cache->recent, name))
		vtpm_cache_flush_handle(chip, handle);
}

/* Forget what is not in the chip. What a command is using has to wait. */
static void settle_slots(struct vtpm_cache *cache, const unsigned long *confirmed)
{
	struct vtpm_slot *slot;
	unsigned int i;

	spin_lock(&cache->lock);
	for (i = 0; i < VTPM_SLOTS_MAX; i++) {
		slot = &cache->slots.slot[i];
		if (!slot->owner || test_bit(i, confirmed))
			continue;
		if (slot->pins) {
			cache->doubt = true;
			continue;
		}
		cache->resets++;
		vtpm_slots_remove(&cache->slots, slot);
	}
	spin_unlock(&cache->lock);
}

/*
 * Compare the slots with what the chip says it has loaded. What it does not
 * have, or what has become another object, is forgotten; leftovers of ours are
 * flushed.
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
	for (i = 0; i < n && !ret; i++) {
		ret = read_name(chip, handles[i], name);
		if (!ret)
			settle_handle(chip, handles[i], name, confirmed);
	}
	chip->account = account;
	if (n < 0 || ret)
		return n < 0 ? n : ret;

	cache->settled = jiffies;
	cache->doubt = false;
	settle_slots(cache, confirmed);
	return 0;
}
