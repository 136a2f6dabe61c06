// SPDX-License-Identifier: GPL-2.0
/*
 * Which objects are loaded in the chip, and which saved contexts we keep.
 */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "slots.h"

unsigned int vtpm_slots_budget(u32 total)
{
	return total > 3 ? min_t(u32, total - 2, VTPM_SLOTS_MAX) : 1;
}

unsigned int vtpm_slots_peak(const struct vtpm_slots *slots)
{
	return max(slots->budget, 2U);
}

struct vtpm_slot *vtpm_slots_find(struct vtpm_slots *slots, const void *owner,
				  const u8 *key)
{
	struct vtpm_slot *slot;

	for (slot = slots->slot; slot < slots->slot + VTPM_SLOTS_MAX; slot++)
		if (slot->owner == owner && !slot->dead &&
		    !memcmp(slot->key, key, VTPM_KEY_LEN))
			return slot;
	return NULL;
}

struct vtpm_slot *vtpm_slots_by_handle(struct vtpm_slots *slots, u32 handle)
{
	struct vtpm_slot *slot;

	for (slot = slots->slot; slot < slots->slot + VTPM_SLOTS_MAX; slot++)
		if (slot->owner && slot->handle == handle)
			return slot;
	return NULL;
}

void vtpm_slots_touch(struct vtpm_slots *slots, struct vtpm_slot *slot)
{
	slot->used = ++slots->clock;
}

struct vtpm_slot *vtpm_slots_add(struct vtpm_slots *slots, const void *owner,
				 const u8 *key, const u8 *name, u32 handle)
{
	struct vtpm_slot *slot;

	if (vtpm_slots_by_handle(slots, handle))
		return NULL;
	for (slot = slots->slot; slot < slots->slot + VTPM_SLOTS_MAX; slot++) {
		if (slot->owner)
			continue;
		*slot = (struct vtpm_slot){ .owner = owner, .handle = handle };
		memcpy(slot->key, key, VTPM_KEY_LEN);
		memcpy(slot->name, name, VTPM_NAME_LEN);
		slots->used++;
		vtpm_slots_touch(slots, slot);
		return slot;
	}
	return NULL;
}

void vtpm_slots_remove(struct vtpm_slots *slots, struct vtpm_slot *slot)
{
	*slot = (struct vtpm_slot){};
	slots->used--;
}

static bool less_useful(const struct vtpm_slot *a, const struct vtpm_slot *b)
{
	if (a->dead != b->dead)
		return a->dead;
	return a->used < b->used;
}

struct vtpm_slot *vtpm_slots_victim(struct vtpm_slots *slots)
{
	struct vtpm_slot *slot, *victim = NULL;

	for (slot = slots->slot; slot < slots->slot + VTPM_SLOTS_MAX; slot++) {
		if (!slot->owner || slot->pins)
			continue;
		if (!victim || less_useful(slot, victim))
			victim = slot;
	}
	return victim;
}

void vtpm_slots_kill(struct vtpm_slots *slots, const void *owner, const u8 *key)
{
	struct vtpm_slot *slot;

	for (slot = slots->slot; slot < slots->slot + VTPM_SLOTS_MAX; slot++)
		if (slot->owner == owner &&
		    (!key || !memcmp(slot->key, key, VTPM_KEY_LEN)))
			slot->dead = true;
}

/* The entry of @name, or the last one. */
static unsigned int recent_find(const struct vtpm_recent *recent, const u8 *name)
{
	unsigned int i;

	for (i = 0; i < VTPM_RECENT_MAX - 1; i++)
		if (!memcmp(recent->name[i], name, VTPM_NAME_LEN))
			break;
	return i;
}

void vtpm_recent_add(struct vtpm_recent *recent, const u8 *name)
{
	memmove(recent->name[1], recent->name[0],
		recent_find(recent, name) * VTPM_NAME_LEN);
	memcpy(recent->name[0], name, VTPM_NAME_LEN);
}

bool vtpm_recent_has(const struct vtpm_recent *recent, const u8 *name)
{
	/* The second byte of a name, of its algorithm, is never zero. */
	return name[1] && !memcmp(recent->name[recent_find(recent, name)], name,
				  VTPM_NAME_LEN);
}

void vtpm_ctx_init(struct vtpm_ctx_set *set)
{
	*set = (struct vtpm_ctx_set){ .lru = LIST_HEAD_INIT(set->lru) };
}

static void ctx_free(struct vtpm_ctx_set *set, struct vtpm_ctx *ctx)
{
	list_del(&ctx->node);
	set->count--;
	set->bytes -= struct_size(ctx, data, ctx->len);
	kfree(ctx);
}

struct vtpm_ctx *vtpm_ctx_find(struct vtpm_ctx_set *set, const u8 *key, u32 epoch)
{
	struct vtpm_ctx *ctx;

	list_for_each_entry(ctx, &set->lru, node) {
		if (memcmp(ctx->key, key, VTPM_KEY_LEN))
			continue;
		if (ctx->epoch != epoch) {
			ctx_free(set, ctx);
			return NULL;
		}
		list_move(&ctx->node, &set->lru);
		return ctx;
	}
	return NULL;
}

void vtpm_ctx_add(struct vtpm_ctx_set *set, struct vtpm_ctx *ctx)
{
	vtpm_ctx_drop(set, ctx->key);
	if (set->count == VTPM_CTX_MAX)
		ctx_free(set, list_last_entry(&set->lru, struct vtpm_ctx, node));
	list_add(&ctx->node, &set->lru);
	set->count++;
	set->bytes += struct_size(ctx, data, ctx->len);
}

void vtpm_ctx_drop(struct vtpm_ctx_set *set, const u8 *key)
{
	struct vtpm_ctx *ctx, *next;

	list_for_each_entry_safe(ctx, next, &set->lru, node)
		if (!key || !memcmp(ctx->key, key, VTPM_KEY_LEN))
			ctx_free(set, ctx);
}
