// SPDX-License-Identifier: GPL-2.0
/*
 * States of the host that an authority has signed.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "alg.h"
#include "chip.h"
#include "hostkey.h"
#include "policy.h"
#include "rc.h"

struct admit_req {
	struct vtpm_req req;
	struct vtpm_hw_authority key;
	struct vtpm_hw_host_state state;
	struct vtpm_hw_signature sig;
};

/* Does the chip say something about what it was given? */
static bool rejected(int ret)
{
	return ret > 0 && ret & TPM2_RC_FMT1;
}

/* -EKEYREJECTED: it is no key. */
static int load_authority(struct vtpm_chip *chip, const struct vtpm_hw_authority *key,
			  u32 *handle)
{
	struct vtpm_wr wr;
	int ret;

	/* What we have loaded is not to be in the way. */
	vtpm_cache_release(chip);
	vtpm_cmd_start(chip, &wr, TPM2_CC_LOAD_EXTERNAL);
	vtpm_wr_u16(&wr, 0);			/* no sensitive area */
	vtpm_policy_authority(&wr, key);
	/* A ticket of the null hierarchy would say nothing. */
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	ret = vtpm_cmd_run(chip, &wr, handle, NULL);
	return rejected(ret) ? -EKEYREJECTED : ret;
}

int vtpm_admit_check(struct vtpm_chip *chip, const struct vtpm_hw_authority *key)
{
	u32 handle;
	int ret = load_authority(chip, key, &handle);

	if (!ret)
		vtpm_cache_flush_handle(chip, handle);
	return vtpm_rc_errno(ret);
}

static int verify(struct vtpm_chip *chip, u32 key, const struct admit_req *a,
		  struct vtpm_rd *rd)
{
	u8 digest[SHA256_DIGEST_SIZE];
	struct vtpm_wr wr;

	vtpm_policy_signed(digest, a->state.policy);
	vtpm_cmd_start(chip, &wr, TPM2_CC_VERIFY_SIGNATURE);
	vtpm_wr_u32(&wr, key);
	vtpm_wr_2b(&wr, digest, sizeof(digest));
	vtpm_wr_u16(&wr, TPM2_ALG_ECDSA);
	vtpm_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm_wr_2b(&wr, a->sig.r, sizeof(a->sig.r));
	vtpm_wr_2b(&wr, a->sig.s, sizeof(a->sig.s));
	return vtpm_cmd_run(chip, &wr, NULL, rd);
}

static int read_ticket(struct vtpm_rd *rd, struct vtpm_approval *approval)
{
	u16 tag = vtpm_rd_u16(rd);
	const u8 *digest;
	size_t len;

	approval->hierarchy = vtpm_rd_u32(rd);
	digest = vtpm_rd_2b(rd, &len);
	if (!vtpm_rd_done(rd) || tag != TPM2_ST_VERIFIED || len > sizeof(approval->ticket))
		return -EBADMSG;
	memcpy(approval->ticket, digest, len);
	approval->ticket_len = len;
	return 0;
}

static int approve(struct vtpm_chip *chip, const struct admit_req *a,
		   struct vtpm_approval *approval)
{
	struct vtpm_rd rd;
	u32 handle;
	int ret;

	ret = load_authority(chip, &a->key, &handle);
	if (ret)
		return ret;
	ret = verify(chip, handle, a, &rd);
	if (!ret)
		ret = read_ticket(&rd, approval);
	else if (rejected(ret))
		ret = -EKEYREJECTED;
	vtpm_cache_flush_handle(chip, handle);
	return ret;
}

/* In the place of the same one, or else of the oldest if there are too many. */
static void keep(struct vtpm_chip *chip, const struct admit_req *a,
		 const struct vtpm_approval *approval)
{
	struct vtpm_binding *b = &chip->binding;
	unsigned int i;

	spin_lock(&chip->lock);
	vtpm_policy_authority_name(b->authority, &a->key);
	for (i = 0; i < b->count; i++)
		if (!memcmp(&b->approval[i].state, &a->state, sizeof(a->state)))
			break;
	if (i == VTPM_HW_ADMIT_MAX)
		i = 0;
	if (i < b->count) {
		b->count--;
		memmove(&b->approval[i], &b->approval[i + 1],
			(b->count - i) * sizeof(b->approval[0]));
	}
	b->approval[b->count++] = *approval;
	b->last = a->state;
	spin_unlock(&chip->lock);
}

static int admit_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct admit_req *a = container_of(req, struct admit_req, req);
	struct vtpm_approval approval = { .state = a->state };
	u8 policy[SHA256_DIGEST_SIZE];
	int ret;

	ret = vtpm_hostkey_provision(chip, NULL, 0);
	if (ret)
		return ret;
	if (!chip->binding.bound)
		return -EINVAL;
	vtpm_policy_digest(policy, &a->key);
	if (memcmp(policy, chip->binding.policy, sizeof(policy)))
		return -EKEYREJECTED;
	ret = approve(chip, a, &approval);
	if (ret)
		return vtpm_rc_errno(ret);
	keep(chip, a, &approval);
	/* It may be a state that is yet to come. */
	ret = vtpm_policy_look(chip);
	return ret == -EKEYREVOKED ? 0 : vtpm_rc_errno(ret);
}

static int current_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct admit_req *a = container_of(req, struct admit_req, req);

	return vtpm_rc_errno(vtpm_policy_current(chip, &a->state));
}

/**
 * vtpm_hw_admit() - take note of a state that may use the MRK
 * @key: the authority's
 * @state: the state
 * @sig: the authority's signature of it
 *
 * Return: 0, also if the host is in another state; -EINVAL the MRK is not bound;
 * -EKEYREJECTED to another authority, or the signature is wrong; and the errnos
 * of vtpm_hw_provision().
 */
int vtpm_hw_admit(const struct vtpm_hw_authority *key,
		  const struct vtpm_hw_host_state *state,
		  const struct vtpm_hw_signature *sig)
{
	struct admit_req *a;
	int ret;

	a = vtpm_req_alloc(sizeof(*a), NULL, VTPM_LIMIT_PROVISION, admit_run);
	if (!a)
		return -ENOMEM;
	a->key = *key;
	a->state = *state;
	a->sig = *sig;
	ret = vtpm_req_wait(&vtpm_chip, &a->req);
	vtpm_req_put(&a->req);
	return ret;
}

/**
 * vtpm_hw_current_state() - what an authority would have to sign now
 * @state: bank and PCRs; receives the policy digest of their values
 *
 * Return: 0 or an errno of vtpm_hw_provision().
 */
int vtpm_hw_current_state(struct vtpm_hw_host_state *state)
{
	struct admit_req *a;
	int ret;

	a = vtpm_req_alloc(sizeof(*a), NULL, VTPM_LIMIT_USE, current_run);
	if (!a)
		return -ENOMEM;
	a->state = *state;
	ret = vtpm_req_wait(&vtpm_chip, &a->req);
	if (!ret)
		*state = a->state;
	vtpm_req_put(&a->req);
	return ret;
}
