// SPDX-License-Identifier: GPL-2.0
/*
 * What the chip and its users have been doing.
 */
#include <linux/string.h>

#include "chip.h"
#include "hostkey.h"
#include "hw.h"
#include "vmk.h"

static enum vtpm_hw_state chip_state(struct vtpm_chip *chip, bool present, bool ready)
{
	if (!present)
		return VTPM_HW_ABSENT;
	if (READ_ONCE(chip->queue.held))
		return VTPM_HW_SUSPENDED;
	if (vtpm_queue_stuck(&chip->queue) || vtpm_chip_unanswered(chip))
		return VTPM_HW_STUCK;
	return ready ? VTPM_HW_READY : VTPM_HW_UNPROVISIONED;
}

/**
 * vtpm_hw_get_status() - the chip, its keys and the slot cache, now
 * @status: filled in
 *
 * Sends no command, waits for nothing.
 */
void vtpm_hw_get_status(struct vtpm_hw_status *status)
{
	struct vtpm_chip *chip = &vtpm_chip;
	const struct vtpm_caps *caps = &chip->caps;
	bool present, ready;

	*status = (struct vtpm_hw_status){
		.srk_handle = VTPM_SRK_HANDLE,
		.mrk_handle = VTPM_MRK_HANDLE,
	};
	spin_lock(&chip->lock);
	present = chip->tpm;
	ready = chip->ready;
	status->chip_index = chip->index;
	if (present) {
		status->error = ready ? 0 : chip->error;
		memcpy(status->manufacturer, caps->manufacturer, sizeof(caps->manufacturer));
		memcpy(status->vendor, caps->vendor, sizeof(caps->vendor));
		memcpy(status->firmware, caps->firmware, sizeof(caps->firmware));
		status->rsa_bits = caps->rsa_bits;
		status->curves = caps->curves;
	}
	if (ready) {
		memcpy(status->srk_name, chip->srk_name, VTPM_NAME_LEN);
		memcpy(status->mrk_name, chip->mrk_name, VTPM_NAME_LEN);
		status->binding = chip->binding.state;
		status->admitted = chip->binding.count;
		status->host_state = chip->binding.last;
	}
	spin_unlock(&chip->lock);

	status->state = chip_state(chip, present, ready);
	status->slots = chip->cache.slots.budget;
	status->slots_used = vtpm_cache_used(&chip->cache);
	status->hits = atomic64_read(&chip->cache.hits);
	status->misses = atomic64_read(&chip->cache.misses);
	status->evictions = atomic64_read(&chip->cache.evictions);
	status->commands = vtpm_cmd_total(chip);
}

unsigned int vtpm_hw_get_stats(struct vtpm_hw_cc_stat *stats, unsigned int max)
{
	return vtpm_cmd_stats(&vtpm_chip, stats, max);
}

u64 vtpm_hw_commands(const struct vtpm_hw *hw)
{
	return atomic64_read(&hw->commands);
}
