// SPDX-License-Identifier: GPL-2.0
/*
 * Commands: framing, the password session, retries, counters.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/unaligned.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "hw.h"
#include "rc.h"
#include "vmk.h"

#define HEADER_SIZE	10

/*
 * The TPM core itself has already waited some seconds for RETRY and TESTING
 * when we see them.
 */
#define RETRY_FIRST_MS	20
#define RETRY_COUNT	8

void vtpm_cmd_start_at(struct vtpm_wr *wr, void *p, size_t cap, u32 cc)
{
	vtpm_wr_init(wr, p, cap);
	vtpm_wr_u16(wr, TPM2_ST_NO_SESSIONS);
	vtpm_wr_u32(wr, 0);
	vtpm_wr_u32(wr, cc);
}

void vtpm_cmd_start(struct vtpm_chip *chip, struct vtpm_wr *wr, u32 cc)
{
	vtpm_cmd_start_at(wr, chip->cmd, sizeof(chip->cmd), cc);
}

void vtpm_cmd_auth(struct vtpm_wr *wr, const u8 *auth, size_t len)
{
	put_unaligned_be16(TPM2_ST_SESSIONS, wr->p);
	vtpm_wr_u32(wr, 4 + 2 + 1 + 2 + len);
	vtpm_wr_u32(wr, TPM2_RS_PW);
	vtpm_wr_u16(wr, 0);		/* nonce */
	vtpm_wr_u8(wr, TPM2_SA_CONTINUE_SESSION);
	vtpm_wr_2b(wr, auth, len);
}

void vtpm_cmd_policy(struct vtpm_wr *wr, u32 session)
{
	put_unaligned_be16(TPM2_ST_SESSIONS, wr->p);
	vtpm_wr_u32(wr, 4 + 2 + 1 + 2);
	vtpm_wr_u32(wr, session);
	vtpm_wr_u16(wr, 0);		/* nonce */
	vtpm_wr_u8(wr, 0);		/* do not continue */
	vtpm_wr_u16(wr, 0);		/* no key, no HMAC */
}

static void cmd_account(struct vtpm_chip *chip, u32 cc, ktime_t begin, int ret)
{
	struct vtpm_cc_counters *row;

	if (chip->account)
		atomic64_inc(&chip->account->commands);
	if (cc - VTPM_CC_FIRST >= VTPM_CC_COUNT)
		return;
	row = &chip->stats[cc - VTPM_CC_FIRST];
	atomic64_inc(&row->count);
	if (ret)
		atomic64_inc(&row->errors);
	atomic64_add(ktime_to_ns(ktime_sub(ktime_get(), begin)), &row->ns);
}

/* Does nobody wait for this command's result any more? */
static bool cmd_unwanted(const struct vtpm_chip *chip)
{
	return chip->account && chip->req && vtpm_req_abandoned(chip->req);
}

static int cmd_transmit(struct vtpm_chip *chip, const struct vtpm_wr *wr, u32 cc,
			struct vtpm_rd *rsp)
{
	unsigned int delay = RETRY_FIRST_MS;
	ktime_t begin;
	int ret, i;

	for (i = 0; ; i++) {
		if (cmd_unwanted(chip))
			return -ECANCELED;
		begin = ktime_get();
		ret = vtpm_chip_transmit(chip, wr->p, wr->len, rsp);
		cmd_account(chip, cc, begin, ret);
		if (!vtpm_rc_again(ret) || i == RETRY_COUNT)
			return ret;
		if (vtpm_queue_stuck(&chip->queue))
			return ret;
		msleep(delay);
		delay *= 2;
	}
}

int vtpm_cmd_parse(struct vtpm_rd *rsp, u16 cmd_tag, u32 *handle)
{
	size_t len = rsp->left;
	u16 tag = vtpm_rd_u16(rsp);
	u32 size = vtpm_rd_u32(rsp);
	u32 rc = vtpm_rd_u32(rsp);
	const u8 *params;

	if (rsp->bad || tag != cmd_tag || size != len || rc)
		return -EBADMSG;
	if (handle)
		*handle = vtpm_rd_u32(rsp);
	if (tag == TPM2_ST_SESSIONS) {
		/* What follows the parameters belongs to the session. */
		size = vtpm_rd_u32(rsp);
		params = vtpm_rd_bytes(rsp, size);
		if (!params)
			return -EBADMSG;
		vtpm_rd_init(rsp, params, size);
	}
	return rsp->bad ? -EBADMSG : 0;
}

int vtpm_cmd_run(struct vtpm_chip *chip, struct vtpm_wr *wr, u32 *handle,
		 struct vtpm_rd *rsp)
{
	struct vtpm_rd unused;
	u32 cc;
	int ret;

	vtpm_wr_patch_u32(wr, 2, wr->len);
	if (wr->bad)
		return -EMSGSIZE;
	cc = get_unaligned_be32(wr->p + 6);
	WRITE_ONCE(chip->cc, cc);
	if (!rsp)
		rsp = &unused;

	ret = cmd_transmit(chip, wr, cc, rsp);
	if (!ret)
		ret = vtpm_cmd_parse(rsp, get_unaligned_be16(wr->p), handle);
	if (ret && chip->req)
		chip->req->cc = cc;
	/* What the chip did with the command is not known. */
	if (ret == -EIO || ret == -EBADMSG)
		chip->cache.doubt = true;
	return ret;
}

u64 vtpm_cmd_total(const struct vtpm_chip *chip)
{
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < VTPM_CC_COUNT; i++)
		total += atomic64_read(&chip->stats[i].count);
	return total;
}

unsigned int vtpm_cmd_stats(const struct vtpm_chip *chip,
			    struct vtpm_hw_cc_stat *stats, unsigned int max)
{
	const struct vtpm_cc_counters *row;
	unsigned int i, n = 0;

	for (i = 0; i < VTPM_CC_COUNT && n < max; i++) {
		row = &chip->stats[i];
		if (!atomic64_read(&row->count))
			continue;
		stats[n++] = (struct vtpm_hw_cc_stat){
			.cc = VTPM_CC_FIRST + i,
			.count = atomic64_read(&row->count),
			.errors = atomic64_read(&row->errors),
			.ns = atomic64_read(&row->ns),
		};
	}
	return n;
}
