// SPDX-License-Identifier: GPL-2.0
/*
 * The mux root key's binding to the host's state.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../tpm2/types.h"
#include "alg.h"
#include "chip.h"
#include "hostkey.h"
#include "policy.h"
#include "public.h"
#include "rc.h"

#define NONCE_SIZE	16
#define PCR_SELECT_SIZE	3
#define COMMAND_MAX	256

/* policyRef of the TPM2_PolicyAuthorize: the signature is for us, not others. */
static const u8 policy_ref[8] = { 'v', 't', 'p', 'm', '_', 'm', 'u', 'x' };

void vtpm_policy_authority(struct vtpm_wr *wr, const struct vtpm_hw_authority *key)
{
	size_t mark = vtpm_wr_begin(wr);

	vtpm_public_authority(wr, key->x, key->y);
	vtpm_wr_end(wr, mark);
}

void vtpm_policy_authority_name(u8 *name, const struct vtpm_hw_authority *key)
{
	u8 area[COMMAND_MAX];
	struct vtpm_wr wr;

	vtpm_wr_init(&wr, area, sizeof(area));
	vtpm_policy_authority(&wr, key);
	vtpm_public_name(name, area + 2, wr.len - 2);
}

void vtpm_policy_signed(u8 *digest, const u8 *policy)
{
	u8 data[SHA256_DIGEST_SIZE + sizeof(policy_ref)];

	memcpy(data, policy, SHA256_DIGEST_SIZE);
	memcpy(data + SHA256_DIGEST_SIZE, policy_ref, sizeof(policy_ref));
	sha256(data, sizeof(data), digest);
}

/* Part 3, 23.16: as the chip computes it. */
void vtpm_policy_digest(u8 *policy, const struct vtpm_hw_authority *key)
{
	u8 data[SHA256_DIGEST_SIZE + 4 + VTPM_NAME_LEN] = {};
	u8 first[SHA256_DIGEST_SIZE];

	put_unaligned_be32(TPM2_CC_POLICY_AUTHORIZE, data + SHA256_DIGEST_SIZE);
	vtpm_policy_authority_name(data + SHA256_DIGEST_SIZE + 4, key);
	sha256(data, sizeof(data), first);
	vtpm_policy_signed(policy, first);	/* the same sum */
}

void vtpm_policy_found(struct vtpm_chip *chip, const u8 *mrk_name, const u8 *policy)
{
	struct vtpm_binding *b = &chip->binding;

	spin_lock(&chip->lock);
	if (memcmp(b->mrk_name, mrk_name, VTPM_NAME_LEN)) {
		memset(b, 0, sizeof(*b));
		memcpy(b->mrk_name, mrk_name, VTPM_NAME_LEN);
		b->bound = policy;
		if (policy)
			memcpy(b->policy, policy, sizeof(b->policy));
		b->state = policy ? VTPM_HW_BOUND : VTPM_HW_UNBOUND;
	}
	spin_unlock(&chip->lock);
	if (policy && !b->count)
		pr_info("%s: the mux root key is bound to the host's state, and none has been admitted yet\n",
			chip->name);
}

/* Says so when it changes: guests could make it an endless story. */
static void set_state(struct vtpm_chip *chip, enum vtpm_hw_binding state,
		      const struct vtpm_hw_host_state *found)
{
	struct vtpm_binding *b = &chip->binding;
	bool changed = b->state != state;

	spin_lock(&chip->lock);
	b->state = state;
	if (found)
		b->last = *found;
	spin_unlock(&chip->lock);
	if (!changed)
		return;
	if (state == VTPM_HW_ADMITTED)
		pr_info("%s: the host is in a state that was admitted\n", chip->name);
	else if (state == VTPM_HW_CHANGED)
		pr_err("%s: the host is in no state that was admitted: its PCRs differ, and vTPMs can be neither made nor opened\n",
		       chip->name);
}

static int session_start(struct vtpm_chip *chip, u8 type, u32 *session)
{
	u8 cmd[COMMAND_MAX], nonce[NONCE_SIZE];
	struct vtpm_wr wr;

	get_random_bytes(nonce, sizeof(nonce));
	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_START_AUTH_SESSION);
	vtpm_wr_u32(&wr, TPM2_RH_NULL);		/* tpmKey */
	vtpm_wr_u32(&wr, TPM2_RH_NULL);		/* bind */
	vtpm_wr_2b(&wr, nonce, sizeof(nonce));
	vtpm_wr_u16(&wr, 0);			/* encryptedSalt */
	vtpm_wr_u8(&wr, type);
	vtpm_wr_u16(&wr, TPM2_ALG_NULL);	/* symmetric */
	vtpm_wr_u16(&wr, TPM2_ALG_SHA256);
	return vtpm_cmd_run(chip, &wr, session, NULL);
}

void vtpm_policy_end(struct vtpm_chip *chip, u32 session)
{
	struct vtpm_hw *account = chip->account;
	struct vtpm_wr wr;
	u8 cmd[16];

	/* Also when the requester has left: nobody else knows of the session. */
	chip->account = NULL;
	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_FLUSH_CONTEXT);
	vtpm_wr_u32(&wr, session);
	vtpm_cmd_run(chip, &wr, NULL, NULL);
	chip->account = account;
}

static u16 bank_alg(u32 bank)
{
	switch (bank) {
	case VTPM_HASH_SHA256:
		return TPM2_ALG_SHA256;
	case VTPM_HASH_SHA384:
		return TPM2_ALG_SHA384;
	case VTPM_HASH_SHA512:
		return TPM2_ALG_SHA512;
	default:
		return TPM2_ALG_NULL;
	}
}

/* TPML_PCR_SELECTION, with one bank. */
static void build_selection(struct vtpm_wr *wr, u32 bank, u32 pcrs)
{
	unsigned int i;

	vtpm_wr_u32(wr, 1);
	vtpm_wr_u16(wr, bank_alg(bank));
	vtpm_wr_u8(wr, PCR_SELECT_SIZE);
	for (i = 0; i < PCR_SELECT_SIZE; i++)
		vtpm_wr_u8(wr, pcrs >> (8 * i));
}

static int policy_pcr(struct vtpm_chip *chip, u32 session,
		      const struct vtpm_hw_host_state *state)
{
	u8 cmd[COMMAND_MAX];
	struct vtpm_wr wr;

	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_POLICY_PCR);
	vtpm_wr_u32(&wr, session);
	vtpm_wr_u16(&wr, 0);			/* pcrDigest: as they are */
	build_selection(&wr, state->bank, state->pcrs);
	return vtpm_cmd_run(chip, &wr, NULL, NULL);
}

static int policy_authorize(struct vtpm_chip *chip, u32 session,
			    const struct vtpm_approval *approval)
{
	u8 cmd[COMMAND_MAX];
	struct vtpm_wr wr;

	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_POLICY_AUTHORIZE);
	vtpm_wr_u32(&wr, session);
	vtpm_wr_2b(&wr, approval->state.policy, sizeof(approval->state.policy));
	vtpm_wr_2b(&wr, policy_ref, sizeof(policy_ref));
	vtpm_wr_2b(&wr, chip->binding.authority, VTPM_NAME_LEN);
	vtpm_wr_u16(&wr, TPM2_ST_VERIFIED);
	vtpm_wr_u32(&wr, approval->hierarchy);
	vtpm_wr_2b(&wr, approval->ticket, approval->ticket_len);
	return vtpm_cmd_run(chip, &wr, NULL, NULL);
}

/* -EKEYREVOKED: the host is in another state. */
static int try_approval(struct vtpm_chip *chip, const struct vtpm_approval *approval,
			u32 *session)
{
	int ret = session_start(chip, TPM2_SE_POLICY, session);

	if (ret)
		return ret;
	ret = policy_pcr(chip, *session, &approval->state);
	if (!ret) {
		ret = policy_authorize(chip, *session, approval);
		/* The session's digest is not the one that was approved. */
		if (vtpm_rc_refused(ret))
			ret = -EKEYREVOKED;
	}
	if (ret)
		vtpm_policy_end(chip, *session);
	return ret;
}

int vtpm_policy_begin(struct vtpm_chip *chip, u32 *session)
{
	const struct vtpm_binding *b = &chip->binding;
	unsigned int i;
	int ret;

	/* The latest first: it is the one that the host has been updated to. */
	for (i = b->count; i > 0; i--) {
		ret = try_approval(chip, &b->approval[i - 1], session);
		if (!ret)
			set_state(chip, VTPM_HW_ADMITTED, &b->approval[i - 1].state);
		/* TPM2_Clear makes a ticket bad, and takes the MRK. */
		if (ret > 0)
			vtpm_hostkey_check(chip);
		if (ret != -EKEYREVOKED)
			return ret;
	}
	if (b->count)
		set_state(chip, VTPM_HW_CHANGED, NULL);
	return -EKEYREVOKED;
}

int vtpm_policy_look(struct vtpm_chip *chip)
{
	u32 session;
	int ret = vtpm_policy_begin(chip, &session);

	if (!ret)
		vtpm_policy_end(chip, session);
	return ret;
}

/* Which of the PCRs come back: those that there are, and as many as fit. */
static int read_pcrs(struct vtpm_chip *chip, u32 bank, u32 *pcrs)
{
	u8 cmd[COMMAND_MAX];
	unsigned int i, n;
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	int ret;

	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_PCR_READ);
	build_selection(&wr, bank, *pcrs);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (ret)
		return ret;
	*pcrs = 0;
	vtpm_rd_u32(&rd);			/* pcrUpdateCounter */
	if (!vtpm_rd_u32(&rd))
		return 0;
	vtpm_rd_u16(&rd);
	n = vtpm_rd_u8(&rd);
	for (i = 0; i < n && i < PCR_SELECT_SIZE; i++)
		*pcrs |= (u32)vtpm_rd_u8(&rd) << (8 * i);
	return rd.bad ? -EBADMSG : 0;
}

/* A policy about PCRs that there are not is no policy: they are left out. */
static int check_pcrs(struct vtpm_chip *chip, const struct vtpm_hw_host_state *state)
{
	u32 found, left = state->pcrs;
	int ret;

	while (left) {
		found = left;
		ret = read_pcrs(chip, state->bank, &found);
		if (ret)
			return ret;
		if (!(found & left))
			return -EOPNOTSUPP;
		left &= ~found;
	}
	return 0;
}

int vtpm_policy_current(struct vtpm_chip *chip, struct vtpm_hw_host_state *state)
{
	u8 cmd[COMMAND_MAX];
	const u8 *digest;
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	size_t len;
	u32 session;
	int ret;

	ret = check_pcrs(chip, state);
	if (ret)
		return ret;
	ret = session_start(chip, TPM2_SE_TRIAL, &session);
	if (ret)
		return ret;
	ret = policy_pcr(chip, session, state);
	if (ret)
		goto out;
	vtpm_cmd_start_at(&wr, cmd, sizeof(cmd), TPM2_CC_POLICY_GET_DIGEST);
	vtpm_wr_u32(&wr, session);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (ret)
		goto out;
	digest = vtpm_rd_2b(&rd, &len);
	if (!vtpm_rd_done(&rd) || len != sizeof(state->policy))
		ret = -EBADMSG;
	else
		memcpy(state->policy, digest, len);
out:
	vtpm_policy_end(chip, session);
	return ret;
}
