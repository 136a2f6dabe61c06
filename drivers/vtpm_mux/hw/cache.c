// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of the key tree, loaded in the chip when a command needs them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/sha2.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "hostkey.h"
#include "public.h"
#include "rc.h"
#include "vmk.h"

/* Flushes and reloads that one command may cost before we give up. */
#define LOST_MAX	2

/* How often we look for leftovers of ours while others fill the chip. */
#define SETTLE_INTERVAL	(1 * HZ)

static int cache_get(struct vtpm_chip *chip, const struct vtpm_object *obj,
		     struct vtpm_slot **slot, u32 *handle, bool *hit);

void vtpm_cache_init(struct vtpm_cache *cache)
{
	spin_lock_init(&cache->lock);
	cache->settled = jiffies - SETTLE_INTERVAL;
}

void vtpm_object_init(struct vtpm_object *obj, enum vtpm_object_kind kind,
		      struct vtpm_hw *hw, const u8 *blob, size_t len)
{
	*obj = (struct vtpm_object){
		.kind = kind,
		.hw = hw,
		.blob = blob,
		.len = len,
	};
	sha256(blob, len, obj->key);
}

unsigned int vtpm_cache_used(struct vtpm_cache *cache)
{
	unsigned int used;

	spin_lock(&cache->lock);
	used = cache->slots.used;
	spin_unlock(&cache->lock);
	return used;
}

static void cache_remove(struct vtpm_cache *cache, struct vtpm_slot *slot)
{
	spin_lock(&cache->lock);
	vtpm_slots_remove(&cache->slots, slot);
	spin_unlock(&cache->lock);
}

static void cache_pin(struct vtpm_cache *cache, struct vtpm_slot *slot, int pins)
{
	if (!slot)
		return;
	spin_lock(&cache->lock);
	slot->pins += pins;
	spin_unlock(&cache->lock);
}

int vtpm_cache_flush_handle(struct vtpm_chip *chip, u32 handle)
{
	struct vtpm_wr wr;
	u8 cmd[16];

	if (vtpm2_handle_type(handle) != TPM2_HT_TRANSIENT)
		return 0;
	/* Not in the chip's command buffer: another command may be in there. */
	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_FLUSH_CONTEXT);
	vtpm_wr_u32(&wr, handle);
	return vtpm_cmd_run(chip, &wr, NULL, NULL);
}

static bool cache_evict(struct vtpm_chip *chip, struct vtpm_slot *slot)
{
	int ret = vtpm_cache_flush_handle(chip, slot->handle);

	if (ret && !vtpm_rc_flushed(ret)) {
		chip->cache.doubt = true;
		return false;
	}
	if (ret)
		chip->cache.resets++;
	cache_remove(&chip->cache, slot);
	return true;
}

/* Evict one object, or say that there is none that may go. */
static bool cache_relieve(struct vtpm_chip *chip)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_slot *slot;

	spin_lock(&cache->lock);
	slot = vtpm_slots_victim(&cache->slots);
	spin_unlock(&cache->lock);
	if (!slot || !cache_evict(chip, slot))
		return false;
	atomic64_inc(&cache->evictions);
	return true;
}

/* Evict until at most @used objects are loaded, or only pinned ones. */
static void cache_shrink(struct vtpm_chip *chip, unsigned int used)
{
	while (vtpm_cache_used(&chip->cache) > used && cache_relieve(chip))
		;
}

/* Send a command; where the chip has no room for it, make some. */
static int cache_run(struct vtpm_chip *chip, struct vtpm_wr *wr, u32 *handle,
		     struct vtpm_rd *rsp)
{
	struct vtpm_cache *cache = &chip->cache;
	int ret;

	for (;;) {
		ret = vtpm_cmd_run(chip, wr, handle, rsp);
		if (!vtpm_rc_full(ret))
			return ret;
		if (cache_relieve(chip))
			continue;
		/* Is something of ours in the way that we have lost sight of? */
		if (time_before(jiffies, cache->settled + SETTLE_INTERVAL))
			return ret;
		cache->doubt = true;
		if (vtpm_cache_settle(chip))
			return ret;
	}
}

/* The chip gave the object @name the handle @handle. */
static int cache_add(struct vtpm_chip *chip, const struct vtpm_object *obj,
		     const u8 *name, u32 handle, struct vtpm_slot **slot)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_slot *old;

	spin_lock(&cache->lock);
	old = vtpm_slots_by_handle(&cache->slots, handle);
	if (old) {
		/* The chip has forgotten it, or it would not reuse the handle. */
		vtpm_slots_remove(&cache->slots, old);
		cache->doubt = true;
	}
	*slot = vtpm_slots_add(&cache->slots, obj->hw, obj->key, name, handle);
	spin_unlock(&cache->lock);
	if (!*slot) {
		vtpm_cache_flush_handle(chip, handle);
		return TPM2_RC_OBJECT_MEMORY;
	}
	return 0;
}

/* The command to load a saved context, or false if there is none. */
static bool cache_build_context(struct vtpm_chip *chip, struct vtpm_wr *wr,
				const struct vtpm_object *obj)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_ctx *ctx;

	vtpm_cmd_start(chip, wr, TPM2_CC_CONTEXT_LOAD);
	spin_lock(&cache->lock);
	ctx = vtpm_ctx_find(&obj->hw->contexts, obj->key, cache->epoch);
	if (ctx)
		vtpm_wr_bytes(wr, ctx->data, ctx->len);
	spin_unlock(&cache->lock);
	return ctx;
}

static void object_name(const struct vtpm_object *obj, u8 *name)
{
	struct vtpm_rd rd;
	size_t len;
	const u8 *area;

	vtpm_rd_init(&rd, obj->blob, obj->len);
	vtpm_rd_2b(&rd, &len);
	area = vtpm_rd_2b(&rd, &len);
	vtpm_public_name(name, area, len);
}

/* -ENOENT: there is no context, or the chip does not accept it any more. */
static int cache_load_context(struct vtpm_chip *chip, const struct vtpm_object *obj,
			      const u8 *name, struct vtpm_slot **slot)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_wr wr;
	u32 handle;
	int ret;

	if (!cache_build_context(chip, &wr, obj))
		return -ENOENT;
	cache_shrink(chip, vtpm_slots_peak(&cache->slots) - 1);
	ret = cache_run(chip, &wr, &handle, NULL);
	if (!ret)
		return cache_add(chip, obj, name, handle, slot);
	if (!vtpm_rc_refused(ret))
		return ret;

	/*
	 * Only a reset of the chip, or a TPM2_Clear, makes a context bad: it
	 * made all of them bad, and flushed what was loaded.
	 */
	pr_info_ratelimited("%s: saved contexts are refused (0x%x): the chip was reset or cleared\n",
			    chip->name, ret);
	spin_lock(&cache->lock);
	cache->epoch++;
	spin_unlock(&cache->lock);
	cache->resets++;
	cache->doubt = true;
	ret = vtpm_cache_settle(chip);
	return ret ? ret : -ENOENT;
}

/* Without the context the object can still be loaded: failure is no error. */
static void cache_save_context(struct vtpm_chip *chip, const struct vtpm_object *obj,
			       u32 handle)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_ctx *ctx;
	struct vtpm_rd rd;
	struct vtpm_wr wr;

	vtpm_cmd_start(chip, &wr, TPM2_CC_CONTEXT_SAVE);
	vtpm_wr_u32(&wr, handle);
	if (vtpm_cmd_run(chip, &wr, NULL, &rd) || rd.left > VTPM_CMD_SIZE)
		return;
	ctx = kmalloc(struct_size(ctx, data, rd.left), GFP_KERNEL);
	if (!ctx)
		return;
	memcpy(ctx->key, obj->key, sizeof(ctx->key));
	ctx->len = rd.left;
	memcpy(ctx->data, rd.p, rd.left);

	spin_lock(&cache->lock);
	ctx->epoch = cache->epoch;
	vtpm_ctx_add(&obj->hw->contexts, ctx);
	spin_unlock(&cache->lock);
}

static void build_load(struct vtpm_wr *wr, const void *arg)
{
	const struct vtpm_object *obj = arg;

	vtpm_wr_bytes(wr, obj->blob, obj->len);
}

static int cache_parent(struct vtpm_chip *chip, const struct vtpm_object *obj,
			struct vtpm_object *parent)
{
	if (obj->kind != VTPM_OBJECT_VMK) {
		vtpm_vmk_object(parent, obj->hw);
		return 0;
	}
	/* The chip may be another one, or cleared, since the VMK was made. */
	if (!READ_ONCE(chip->ready))
		return -ENODEV;
	if (memcmp(obj->hw->mrk_name, chip->mrk_name, VTPM_NAME_LEN))
		return TPM2_RC_INTEGRITY;
	*parent = (struct vtpm_object){ .kind = VTPM_OBJECT_MRK };
	return 0;
}

static const u8 *object_auth(const struct vtpm_object *obj, size_t *len)
{
	*len = obj->kind == VTPM_OBJECT_MRK ? 0 : VTPM_AUTH_LEN;
	switch (obj->kind) {
	case VTPM_OBJECT_VMK:
	case VTPM_OBJECT_STATEKEY:
		return obj->hw->vmk_auth;
	case VTPM_OBJECT_SHADOW:
		return obj->hw->shadow_auth;
	default:
		return NULL;
	}
}

/* What a failed use says about the handle. Has the object to be loaded again? */
static bool cache_lost(struct vtpm_chip *chip, struct vtpm_slot *slot, int ret)
{
	u32 handle;

	if (vtpm_rc_handle_lost(ret)) {
		if (!slot)
			return vtpm_hostkey_check(chip);
		chip->cache.resets++;
		cache_remove(&chip->cache, slot);
		return true;
	}
	if (!slot || !vtpm_rc_auth_failed(ret))
		return false;
	/* Somebody else's object in its place? Then the slot goes. */
	handle = slot->handle;
	chip->cache.doubt = true;
	return !vtpm_cache_settle(chip) && slot->handle != handle;
}

/* With the object at @handle. */
static int cache_send(struct vtpm_chip *chip, const struct vtpm_object *obj,
		      const struct vtpm_use *use, u32 handle, u32 *new_handle,
		      struct vtpm_rd *rsp)
{
	bool policy = obj->kind == VTPM_OBJECT_MRK && chip->binding.bound;
	struct vtpm_wr wr;
	const u8 *auth;
	u32 session;
	size_t len;
	int ret;

	if (policy) {
		ret = vtpm_policy_begin(chip, &session);
		if (ret)
			return ret;
	}
	vtpm_cmd_start(chip, &wr, use->cc);
	vtpm_wr_u32(&wr, handle);
	auth = object_auth(obj, &len);
	if (policy)
		vtpm_cmd_policy(&wr, session);
	else
		vtpm_cmd_auth(&wr, auth, len);
	use->build(&wr, use->arg);
	ret = cache_run(chip, &wr, new_handle, rsp);
	if (ret && policy)
		vtpm_policy_end(chip, session);
	return ret;
}

/*
 * Send the command @use with @obj's handle. With @new_handle it is one that
 * loads a child and needs a slot more.
 */
static int cache_command(struct vtpm_chip *chip, const struct vtpm_object *obj,
			 const struct vtpm_use *use, u32 *new_handle,
			 struct vtpm_rd *rsp, bool *hit)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_slot *slot;
	u32 handle;
	int ret, i;

	for (i = 0; ; i++) {
		ret = cache_get(chip, obj, &slot, &handle, hit);
		if (ret)
			return ret;
		cache_pin(cache, slot, 1);
		if (new_handle)
			cache_shrink(chip, vtpm_slots_peak(&cache->slots) - 1);
		ret = cache_send(chip, obj, use, handle, new_handle, rsp);
		cache_pin(cache, slot, -1);
		if (ret <= 0 || i == LOST_MAX || !cache_lost(chip, slot, ret))
			return ret;
	}
}

/* TPM2_Load below the parent, which is loaded first if need be. */
static int cache_load_blob(struct vtpm_chip *chip, const struct vtpm_object *obj,
			   const u8 *name, struct vtpm_slot **slot)
{
	const struct vtpm_use load = {
		.cc = TPM2_CC_LOAD,
		.build = build_load,
		.arg = obj,
	};
	struct vtpm_object parent;
	const u8 *loaded;
	struct vtpm_rd rd;
	u32 handle;
	size_t len;
	int ret;

	ret = cache_parent(chip, obj, &parent);
	if (ret)
		return ret;
	ret = cache_command(chip, &parent, &load, &handle, &rd, NULL);
	if (!ret) {
		loaded = vtpm_rd_2b(&rd, &len);
		if (!vtpm_rd_done(&rd) || len != VTPM_NAME_LEN || memcmp(loaded, name, len))
			ret = -EBADMSG;
	}
	if (ret == -EBADMSG)
		chip->cache.doubt = true;
	if (ret)
		return ret;
	ret = cache_add(chip, obj, name, handle, slot);
	if (ret)
		return ret;
	cache_save_context(chip, obj, handle);
	return 0;
}

/* The handle of @obj, which is loaded if it is not. @slot: NULL for the MRK. */
static int cache_get(struct vtpm_chip *chip, const struct vtpm_object *obj,
		     struct vtpm_slot **slot, u32 *handle, bool *hit)
{
	struct vtpm_cache *cache = &chip->cache;
	u8 name[VTPM_NAME_LEN];
	int ret;

	*slot = NULL;
	*handle = VTPM_MRK_HANDLE;
	if (obj->kind == VTPM_OBJECT_MRK)
		return 0;

	spin_lock(&cache->lock);
	*slot = vtpm_slots_find(&cache->slots, obj->hw, obj->key);
	if (*slot)
		vtpm_slots_touch(&cache->slots, *slot);
	spin_unlock(&cache->lock);
	if (!*slot) {
		if (hit)
			*hit = false;
		object_name(obj, name);
		vtpm_recent_add(&cache->recent, name);
		ret = cache_load_context(chip, obj, name, slot);
		if (ret == -ENOENT)
			ret = cache_load_blob(chip, obj, name, slot);
		if (ret)
			return ret;
	}
	*handle = (*slot)->handle;
	return 0;
}

int vtpm_cache_use(struct vtpm_chip *chip, const struct vtpm_object *obj,
		   const struct vtpm_use *use, struct vtpm_rd *rsp)
{
	struct vtpm_cache *cache = &chip->cache;
	bool hit = true;
	int ret;

	ret = cache_command(chip, obj, use, NULL, rsp, &hit);
	if (obj->kind != VTPM_OBJECT_MRK)
		atomic64_inc(hit ? &cache->hits : &cache->misses);
	return ret;
}

void vtpm_cache_trim(struct vtpm_chip *chip)
{
	cache_shrink(chip, chip->cache.slots.budget);
}

void vtpm_cache_release(struct vtpm_chip *chip)
{
	struct vtpm_cache *cache = &chip->cache;
	struct vtpm_slot *slot;

	for (;;) {
		spin_lock(&cache->lock);
		slot = vtpm_slots_victim(&cache->slots);
		spin_unlock(&cache->lock);
		if (!slot || !cache_evict(chip, slot))
			break;
	}
}

void vtpm_cache_forget(struct vtpm_chip *chip, struct vtpm_hw *hw,
		       const struct vtpm_object *obj)
{
	struct vtpm_cache *cache = &chip->cache;
	const u8 *key = obj ? obj->key : NULL;

	spin_lock(&cache->lock);
	vtpm_slots_kill(&cache->slots, hw, key);
	vtpm_ctx_drop(&hw->contexts, key);
	spin_unlock(&cache->lock);
}
