// SPDX-License-Identifier: GPL-2.0
/*
 * Which PCRs there are in which bank (Part 1, 17.3; Part 3, 22.5). There is
 * always room for all: what is not allocated is only not used.
 */
#include <linux/bitops.h>
#include <linux/string.h>

#include "commands.h"

#define HCRTM_PCR	0
#define DRTM_PCR	17

void vtpm2_pcr_manufacture(struct vtpm2 *t)
{
	u8 banks = t->config.pcr_banks & GENMASK(VTPM2_BANKS - 1, 0);
	unsigned int i;

	for (i = 0; i < VTPM2_BANKS; i++)
		if (!banks || (banks & BIT(i)))
			t->pcr_alloc[i] = GENMASK(VTPM2_PCRS - 1, 0);
	memcpy(t->pcr_next, t->pcr_alloc, sizeof(t->pcr_next));
	vtpm2_pcr_policy_empty(t);
}

/* _TPM_Init */
void vtpm2_pcr_power_on(struct vtpm2 *t)
{
	memcpy(t->pcr_alloc, t->pcr_next, sizeof(t->pcr_alloc));
	t->pcr_pending = false;
}

static u32 select_mask(const struct vtpm2_pcr_bank_select *bank)
{
	unsigned int i;
	u32 mask = 0;

	for (i = 0; i < VTPM2_PCRS / 8; i++)
		mask |= (u32)bank->select[i] << (8 * i);
	return mask;
}

/* Bytes of the PCRs in an allocation. */
static u32 alloc_size(const u32 *alloc)
{
	unsigned int bank;
	u32 size = 0;

	for (bank = 0; bank < VTPM2_BANKS; bank++)
		size += hweight32(alloc[bank]) *
			vtpm2_digest_size(vtpm2_pcr_bank_alg(bank));
	return size;
}

/* Somewhere there must be a PCR for each of the host's measurements. */
static bool alloc_sound(const u32 *alloc)
{
	const u32 need = BIT(HCRTM_PCR) | BIT(DRTM_PCR);
	unsigned int bank;
	u32 have = 0;

	for (bank = 0; bank < VTPM2_BANKS; bank++)
		have |= alloc[bank];
	return (have & need) == need;
}

/*
 * Banks that are not named stay as they are now, whatever an earlier command
 * has asked for; of several selections of one bank the last counts.
 */
u32 vtpm2_cc_pcr_allocate(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	static const u32 all[VTPM2_BANKS] = {
		[0 ... VTPM2_BANKS - 1] = GENMASK(VTPM2_PCRS - 1, 0),
	};
	struct vtpm2_pcr_selection sel;
	u32 alloc[VTPM2_BANKS];
	unsigned int i;
	u32 rc;

	vtpm2_rd_pcr_selection(vtpm2_param(c), &sel);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	memcpy(alloc, t->pcr_alloc, sizeof(alloc));
	for (i = 0; i < sel.count; i++) {
		int bank = vtpm2_pcr_bank(sel.bank[i].hash);

		if (bank < 0)
			return vtpm2_rc_p(TPM2_RC_HASH, 1);
		alloc[bank] = select_mask(&sel.bank[i]);
	}
	if (!alloc_sound(alloc))
		return TPM2_RC_PCR;

	memcpy(t->pcr_next, alloc, sizeof(alloc));
	t->pcr_pending = true;
	/* and TPM2_Shutdown(CLEAR) is what will make it orderly again */
	t->shutdown_valid = false;
	vtpm2_wr_u8(&c->out, true);
	vtpm2_wr_u32(&c->out, VTPM2_PCRS);
	vtpm2_wr_u32(&c->out, alloc_size(alloc));
	vtpm2_wr_u32(&c->out, alloc_size(all));
	return 0;
}
