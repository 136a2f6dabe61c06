// SPDX-License-Identifier: GPL-2.0
/*
 * What a vTPM takes and has done, for those who ask: memory, objects, commands.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "instance.h"
#include "persist.h"
#include "tpm2/types.h"

/* Room that the instance layer itself takes. */
static u32 vtpm_own_bytes(void)
{
	return sizeof(struct vtpm) +
	       vtpm_stats_max() * sizeof(struct vtpm_counters);
}

/* What the engine and the state file take. Called under @vtpm->lock, with both. */
static void vtpm_get_usage(struct vtpm *vtpm, struct vtpm2_usage *usage,
			   struct vtpm_store_status *store)
{
	vtpm2_get_usage(vtpm->tpm, usage);
	*store = (struct vtpm_store_status){};
	if (vtpm->persist) {
		vtpm_persist_get_status(vtpm->persist, store);
		usage->bytes += vtpm_persist_bytes(vtpm->persist);
	}
}

/* Called under @vtpm->lock, with an engine. */
void vtpm_update_usage(struct vtpm *vtpm)
{
	struct vtpm_store_status store;
	struct vtpm2_usage usage;

	vtpm_get_usage(vtpm, &usage, &store);
	spin_lock(&vtpm->stats_lock);
	vtpm->usage = usage;
	vtpm->store = store;
	spin_unlock(&vtpm->stats_lock);
}

static void vtpm_counters_add(struct vtpm_counters *c, bool error, u64 chip,
			      u64 ns)
{
	c->count++;
	c->errors += error;
	c->chip_commands += chip;
	c->ns += ns;
	c->ns_max = max(c->ns_max, ns);
}

/* Called under @vtpm->lock. @len is what the engine returned: at least 10. */
void vtpm_account(struct vtpm *vtpm, u32 cc, const u8 *rsp, u64 chip, u64 ns)
{
	bool error = get_unaligned_be32(rsp + 6) != TPM2_RC_SUCCESS;
	int index = vtpm2_command_index(cc);
	struct vtpm_store_status store;
	struct vtpm2_usage usage;

	if (index < 0)
		index = vtpm2_command_count();
	vtpm_get_usage(vtpm, &usage, &store);

	spin_lock(&vtpm->stats_lock);
	vtpm->usage = usage;
	vtpm->store = store;
	vtpm_counters_add(&vtpm->total, error, chip, ns);
	vtpm_counters_add(&vtpm->per_command[index], error, chip, ns);
	spin_unlock(&vtpm->stats_lock);
}

/**
 * vtpm_get_info() - describe a vTPM
 * @vtpm: the vTPM
 * @info: filled in, but for its size
 */
void vtpm_get_info(struct vtpm *vtpm, struct vtpm_info *info)
{
	struct vtpm_store_status store;
	struct vtpm_counters total;
	struct vtpm2_usage usage;

	spin_lock(&vtpm->stats_lock);
	usage = vtpm->usage;
	store = vtpm->store;
	total = vtpm->total;
	spin_unlock(&vtpm->stats_lock);

	info->number = vtpm->number;
	export_uuid(info->uuid, &vtpm->uuid);
	info->flags = vtpm->flags;
	info->assurance = vtpm->assurance;
	info->pcr_banks = vtpm->pcr_banks;
	info->state = 0;
	if (READ_ONCE(vtpm->powered))
		info->state |= VTPM_STATE_POWERED;
	if (usage.started)
		info->state |= VTPM_STATE_STARTED;
	if (usage.established)
		info->state |= VTPM_STATE_ESTABLISHED;
	if (READ_ONCE(vtpm->opened))
		info->state |= VTPM_STATE_OPEN;
	if (READ_ONCE(vtpm->presence))
		info->state |= VTPM_STATE_PRESENCE;
	if (READ_ONCE(vtpm->vdpa))
		info->state |= VTPM_STATE_VDPA;
	info->locality = READ_ONCE(vtpm->locality);
	info->objects = usage.objects;
	info->persistent = usage.persistent;
	info->sessions = usage.sessions;
	info->nv_indices = usage.nv_indices;
	info->hardware = usage.hardware;
	info->sealed = usage.sealed;
	info->software = usage.software;
	info->rollbacks = READ_ONCE(vtpm->rollbacks);
	info->memory = usage.bytes + vtpm_own_bytes();
	info->commands = total.count;
	info->errors = total.errors;
	info->chip_commands = total.chip_commands;
	info->ns = total.ns;
	info->state_generation = (u32)store.position.generation;
	info->state_accepted = store.position.generation >> VTPM_STORE_LIFE;
	info->state_commits = store.commits;
	info->state_journal = store.journal;
	info->state_room = store.room;
}

/* Rows that vtpm_get_stats() can write. */
unsigned int vtpm_stats_max(void)
{
	return vtpm2_command_count() + 1;
}

static bool vtpm_stat_fill(struct vtpm_stat *row, u32 cc,
			   const struct vtpm_counters *c)
{
	if (!c->count)
		return false;
	*row = (struct vtpm_stat){
		.cc = cc,
		.count = c->count,
		.errors = c->errors,
		.chip_commands = c->chip_commands,
		.ns = c->ns,
		.ns_max = c->ns_max,
	};
	return true;
}

/**
 * vtpm_get_stats() - what each command did so far
 * @vtpm: the vTPM
 * @rows: room for vtpm_stats_max() rows
 *
 * Return: the number of rows written. Commands not seen have none; unknown
 * codes share the first row, with the code 0.
 */
unsigned int vtpm_get_stats(struct vtpm *vtpm, struct vtpm_stat *rows)
{
	unsigned int i, n = 0, known = vtpm2_command_count();

	spin_lock(&vtpm->stats_lock);
	n += vtpm_stat_fill(&rows[n], 0, &vtpm->per_command[known]);
	for (i = 0; i < known; i++)
		n += vtpm_stat_fill(&rows[n], vtpm2_command_code(i),
				    &vtpm->per_command[i]);
	spin_unlock(&vtpm->stats_lock);
	return n;
}
