// SPDX-License-Identifier: GPL-2.0
/*
 * Platform configuration registers (Part 1, 17; Part 3, 22): virtual, one set
 * per vTPM, all of them in every allocated bank.
 */
#include <linux/bits.h>
#include <linux/string.h>

#include "commands.h"

#define MAX_EVENT	1024	/* TPM2B_EVENT */
#define MAX_READ	8	/* TPML_DIGEST: digests in one response */
#define PCR_SELECT_SIZE	(VTPM2_PCRS / 8)

static const u16 bank_algs[VTPM2_BANKS] = {
	TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512,
};

/**
 * struct pcr_rule - what may happen to one PCR
 * @reset: localities that reset it, one bit each
 * @extend: localities that may extend it
 * @saved: kept by TPM2_Shutdown(STATE)
 * @no_increment: changing it does not change pcrUpdateCounter
 *
 * A PCR that locality 4 resets is a DRTM PCR: all ones until then.
 */
struct pcr_rule {
	u8 reset;
	u8 extend;
	bool saved;
	bool no_increment;
};

/* PC Client Platform TPM Profile 1.05, 4.6.2, table of PCR attributes */
static const struct pcr_rule pcr_rules[VTPM2_PCRS] = {
	[0 ... 15] = { .extend = 0x1f, .saved = true },
	[16] = { .reset = 0x0f, .extend = 0x1f, .no_increment = true },
	[17] = { .reset = 0x10, .extend = 0x1c },
	[18] = { .reset = 0x10, .extend = 0x1c },
	[19] = { .reset = 0x10, .extend = 0x0c },
	[20] = { .reset = 0x14, .extend = 0x0e },
	[21] = { .reset = 0x14, .extend = 0x04, .no_increment = true },
	[22] = { .reset = 0x14, .extend = 0x04, .no_increment = true },
	[23] = { .reset = 0x0f, .extend = 0x1f, .no_increment = true },
};

static bool is_drtm(const struct pcr_rule *rule)
{
	return rule->reset & BIT(4);
}

int vtpm2_pcr_bank(u16 alg)
{
	unsigned int i;

	for (i = 0; i < VTPM2_BANKS; i++)
		if (bank_algs[i] == alg)
			return i;
	return -1;
}

u16 vtpm2_pcr_bank_alg(unsigned int bank)
{
	return bank_algs[bank];
}

/* Part 2, 6.14 TPM_PT_PCR: does the PCR have the property? */
static bool has_property(u32 pcr, u32 tag)
{
	const struct pcr_rule *rule = &pcr_rules[pcr];

	switch (tag) {
	case TPM2_PT_PCR_POLICY:
	case TPM2_PT_PCR_AUTH:
		return vtpm2_pcr_in_group(pcr);
	case TPM2_PT_PCR_SAVE:
		return rule->saved;
	case TPM2_PT_PCR_NO_INCREMENT:
		return rule->no_increment;
	case TPM2_PT_PCR_DRTM_RESET:
		return is_drtm(rule);
	case TPM2_PT_PCR_EXTEND_L0:
	case TPM2_PT_PCR_EXTEND_L1:
	case TPM2_PT_PCR_EXTEND_L2:
	case TPM2_PT_PCR_EXTEND_L3:
	case TPM2_PT_PCR_EXTEND_L4:
		return rule->extend & BIT((tag - TPM2_PT_PCR_EXTEND_L0) / 2);
	case TPM2_PT_PCR_RESET_L0:
	case TPM2_PT_PCR_RESET_L1:
	case TPM2_PT_PCR_RESET_L2:
	case TPM2_PT_PCR_RESET_L3:
	case TPM2_PT_PCR_RESET_L4:
		return rule->reset & BIT((tag - TPM2_PT_PCR_RESET_L0) / 2);
	default:
		return false;
	}
}

u32 vtpm2_pcr_property(u32 tag)
{
	unsigned int pcr;
	u32 mask = 0;

	for (pcr = 0; pcr < VTPM2_PCRS; pcr++)
		if (has_property(pcr, tag))
			mask |= BIT(pcr);
	return mask;
}

/* --- selections --- */

/* Part 2, 10.6.2 TPMS_PCR_SELECTION */
static void rd_bank_select(struct vtpm2_rd *rd,
			   struct vtpm2_pcr_bank_select *bank)
{
	memset(bank, 0, sizeof(*bank));
	bank->hash = vtpm2_rd_hash_alg(rd, false);
	bank->size = vtpm2_rd_u8(rd);
	/* PCR_SELECT_MIN and PCR_SELECT_MAX are the same */
	if (bank->size != PCR_SELECT_SIZE)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	vtpm2_rd_copy(rd, bank->select, PCR_SELECT_SIZE);
}

/* Part 2, 10.9.7 TPML_PCR_SELECTION */
void vtpm2_rd_pcr_selection(struct vtpm2_rd *rd,
			    struct vtpm2_pcr_selection *sel)
{
	u32 i, count = vtpm2_rd_u32(rd);

	if (count > VTPM2_HASH_ALGS)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	sel->count = rd->err ? 0 : count;
	for (i = 0; i < sel->count; i++)
		rd_bank_select(rd, &sel->bank[i]);
}

void vtpm2_wr_pcr_selection(struct vtpm2_wr *wr,
			    const struct vtpm2_pcr_selection *sel)
{
	unsigned int i;

	vtpm2_wr_u32(wr, sel->count);
	for (i = 0; i < sel->count; i++) {
		const struct vtpm2_pcr_bank_select *bank = &sel->bank[i];

		vtpm2_wr_u16(wr, bank->hash);
		vtpm2_wr_u8(wr, bank->size);
		vtpm2_wr_bytes(wr, bank->select, bank->size);
	}
}

static bool is_selected(const struct vtpm2_pcr_bank_select *bank,
			unsigned int pcr)
{
	return bank->select[pcr / 8] & BIT(pcr % 8);
}

bool vtpm2_pcr_allocated(const struct vtpm2 *t, unsigned int bank, u32 pcr)
{
	return t->pcr_alloc[bank] & BIT(pcr);
}

/* Leave in @sel the first @max PCRs that exist. */
static unsigned int filter_selection(const struct vtpm2 *t,
				     struct vtpm2_pcr_selection *sel,
				     unsigned int max)
{
	unsigned int i, pcr, n = 0;

	for (i = 0; i < sel->count; i++) {
		struct vtpm2_pcr_bank_select *bank = &sel->bank[i];
		int index = vtpm2_pcr_bank(bank->hash);

		for (pcr = 0; pcr < VTPM2_PCRS; pcr++) {
			if (!is_selected(bank, pcr))
				continue;
			if (index >= 0 && n < max &&
			    vtpm2_pcr_allocated(t, index, pcr))
				n++;
			else
				bank->select[pcr / 8] &= ~BIT(pcr % 8);
		}
	}
	return n;
}

/* Part 1, 17.5: the digest of a selection, in its order. */
void vtpm2_pcr_digest(struct vtpm2 *t, u16 alg,
		      struct vtpm2_pcr_selection *sel,
		      struct vtpm2_digest *out)
{
	struct vtpm2_hash h;
	unsigned int i, pcr;

	filter_selection(t, sel, VTPM2_HASH_ALGS * VTPM2_PCRS);
	vtpm2_hash_init(&h, alg);
	for (i = 0; i < sel->count; i++) {
		int bank = vtpm2_pcr_bank(sel->bank[i].hash);

		for (pcr = 0; bank >= 0 && pcr < VTPM2_PCRS; pcr++)
			if (is_selected(&sel->bank[i], pcr))
				vtpm2_hash_update(&h, t->pcr[bank][pcr],
						  vtpm2_digest_size(bank_algs[bank]));
	}
	out->len = vtpm2_digest_size(alg);
	vtpm2_hash_final(&h, out->buf);
}

/* --- changes --- */

bool vtpm2_pcr_extend_allowed(u32 pcr, u8 locality)
{
	return pcr < VTPM2_PCRS && locality <= 4 &&
	       (pcr_rules[pcr].extend & BIT(locality));
}

/* Locality 4 resets by starting a DRTM sequence, not by a command. */
static bool reset_allowed(u32 pcr, u8 locality)
{
	return pcr < VTPM2_PCRS && locality < 4 &&
	       (pcr_rules[pcr].reset & BIT(locality));
}

static void pcr_changed(struct vtpm2 *t, u32 pcr)
{
	if (!pcr_rules[pcr].no_increment)
		t->pcr_counter++;
}

/* What TPM2_Shutdown(STATE) saved will not be what is there. */
static void pcr_touched(struct vtpm2 *t, u32 pcr)
{
	if (pcr_rules[pcr].saved)
		t->shutdown_valid = false;
}

static void extend(u16 alg, u8 *value, const u8 *digest)
{
	u16 size = vtpm2_digest_size(alg);
	struct vtpm2_hash h;

	vtpm2_hash_init(&h, alg);
	vtpm2_hash_update(&h, value, size);
	vtpm2_hash_update(&h, digest, size);
	vtpm2_hash_final(&h, value);
}

void vtpm2_pcr_extend(struct vtpm2 *t, u32 pcr, unsigned int bank,
		      const u8 *digest)
{
	pcr_touched(t, pcr);
	if (!vtpm2_pcr_allocated(t, bank, pcr))
		return;
	extend(bank_algs[bank], t->pcr[bank][pcr], digest);
	pcr_changed(t, pcr);
}

/* The value that a PCR begins with. */
static void pcr_init(struct vtpm2 *t, u32 pcr)
{
	unsigned int bank;

	for (bank = 0; bank < VTPM2_BANKS; bank++) {
		u8 *value = t->pcr[bank][pcr];
		u16 size = vtpm2_digest_size(bank_algs[bank]);

		memset(value, is_drtm(&pcr_rules[pcr]) ? 0xff : 0, size);
		if (pcr == 0)
			value[size - 1] = t->startup_locality;
		if (pcr == 0 && t->hcrtm)
			extend(bank_algs[bank], value, t->hcrtm_digest[bank]);
	}
}

/*
 * Values at TPM2_Startup. PCR[0] begins with the locality of TPM2_Startup, as
 * the PC Client Platform TPM Profile has it; that of an H-CRTM is 4 (drtm.c).
 */
void vtpm2_pcr_startup(struct vtpm2 *t, enum vtpm2_start start)
{
	unsigned int pcr;

	if (start == VTPM2_RESET)
		t->pcr_counter = 0;
	for (pcr = 0; pcr < VTPM2_PCRS; pcr++) {
		if (start == VTPM2_RESUME && pcr_rules[pcr].saved)
			continue;
		pcr_init(t, pcr);
		pcr_changed(t, pcr);
	}
	if (start != VTPM2_RESUME)
		t->pcr_auth.len = 0;
}

void vtpm2_pcr_reset_drtm(struct vtpm2 *t)
{
	unsigned int pcr, bank;

	for (pcr = 0; pcr < VTPM2_PCRS; pcr++) {
		if (!is_drtm(&pcr_rules[pcr]))
			continue;
		for (bank = 0; bank < VTPM2_BANKS; bank++)
			memset(t->pcr[bank][pcr], 0, VTPM2_MAX_DIGEST);
	}
}

/* --- commands --- */

static void wr_pcr_values(const struct vtpm2 *t, struct vtpm2_wr *wr,
			  const struct vtpm2_pcr_selection *sel)
{
	unsigned int i, pcr;

	for (i = 0; i < sel->count; i++) {
		int bank = vtpm2_pcr_bank(sel->bank[i].hash);

		for (pcr = 0; bank >= 0 && pcr < VTPM2_PCRS; pcr++)
			if (is_selected(&sel->bank[i], pcr))
				vtpm2_wr_2b(wr, t->pcr[bank][pcr],
					    vtpm2_digest_size(bank_algs[bank]));
	}
}

/* Part 3, 22.4 */
u32 vtpm2_cc_pcr_read(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_pcr_selection sel;
	unsigned int n;
	u32 rc;

	vtpm2_rd_pcr_selection(vtpm2_param(c), &sel);
	rc = vtpm2_done(c);
	if (rc)
		return rc;

	n = filter_selection(t, &sel, MAX_READ);
	vtpm2_wr_u32(&c->out, t->pcr_counter);
	vtpm2_wr_pcr_selection(&c->out, &sel);
	vtpm2_wr_u32(&c->out, n);
	wr_pcr_values(t, &c->out, &sel);
	return 0;
}

/* One TPMT_HA, in place. */
struct ha {
	int bank;
	const u8 *digest;
};

/* Part 2, 10.9.6 TPML_DIGEST_VALUES; returns the count */
static u32 rd_digest_values(struct vtpm2_rd *rd, struct ha *ha)
{
	u32 i, count = vtpm2_rd_u32(rd);

	if (count > VTPM2_HASH_ALGS) {
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
		return 0;
	}
	for (i = 0; i < count; i++) {
		u16 alg = vtpm2_rd_hash_alg(rd, false);

		ha[i].bank = vtpm2_pcr_bank(alg);
		ha[i].digest = vtpm2_rd_bytes(rd, vtpm2_digest_size(alg));
	}
	return count;
}

/* Part 3, 22.2 */
u32 vtpm2_cc_pcr_extend(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct ha ha[VTPM2_HASH_ALGS];
	u32 pcr = c->handle[0];
	u32 i, count, rc;

	count = rd_digest_values(vtpm2_param(c), ha);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (pcr == TPM2_RH_NULL)
		return 0;
	if (!vtpm2_pcr_extend_allowed(pcr, c->locality))
		return TPM2_RC_LOCALITY;

	pcr_touched(t, pcr);
	for (i = 0; i < count; i++)
		vtpm2_pcr_extend(t, pcr, ha[i].bank, ha[i].digest);
	return 0;
}

/* Part 3, 22.3: the digests of every bank are returned, allocated or not. */
u32 vtpm2_cc_pcr_event(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u8 digest[VTPM2_MAX_DIGEST];
	u32 pcr = c->handle[0];
	struct vtpm2_bytes data;
	struct vtpm2_hash h;
	unsigned int bank;
	u32 rc;

	data = vtpm2_rd_2b(vtpm2_param(c), MAX_EVENT);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (pcr != TPM2_RH_NULL && !vtpm2_pcr_extend_allowed(pcr, c->locality))
		return TPM2_RC_LOCALITY;

	vtpm2_wr_u32(&c->out, VTPM2_BANKS);
	for (bank = 0; bank < VTPM2_BANKS; bank++) {
		u16 alg = bank_algs[bank];

		vtpm2_hash_init(&h, alg);
		vtpm2_hash_update(&h, data.p, data.len);
		vtpm2_hash_final(&h, digest);
		if (pcr != TPM2_RH_NULL)
			vtpm2_pcr_extend(t, pcr, bank, digest);
		vtpm2_wr_u16(&c->out, alg);
		vtpm2_wr_bytes(&c->out, digest, vtpm2_digest_size(alg));
	}
	return 0;
}

/* Part 3, 22.8: every bank becomes zero, the DRTM PCRs too. */
u32 vtpm2_cc_pcr_reset(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 pcr = c->handle[0];
	unsigned int bank;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!reset_allowed(pcr, c->locality))
		return TPM2_RC_LOCALITY;

	for (bank = 0; bank < VTPM2_BANKS; bank++)
		memset(t->pcr[bank][pcr], 0, VTPM2_MAX_DIGEST);
	pcr_touched(t, pcr);
	pcr_changed(t, pcr);
	return 0;
}
