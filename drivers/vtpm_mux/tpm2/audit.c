// SPDX-License-Identifier: GPL-2.0
/*
 * Command audit (Part 1, 35; Part 3, 21): a digest of every command of a set,
 * whoever sends it. TPM2_GetCommandAuditDigest, in attest.c, attests to it.
 *
 *	auditDigest = H(auditDigest || cpHash || rpHash)
 *
 * The audit of one session is auth_rsp.c's.
 */
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"

void vtpm2_audit_manufacture(struct vtpm2 *t)
{
	t->audit_alg = VTPM2_CONTEXT_HASH;
	vtpm2_cc_set_change(&t->audit_commands,
			    TPM2_CC_SET_COMMAND_CODE_AUDIT_STATUS, true);
}

void vtpm2_audit_startup(struct vtpm2 *t, enum vtpm2_start start)
{
	if (start == VTPM2_RESET)
		t->audit_digest.len = 0;
}

void vtpm2_audit_extend(u16 alg, struct vtpm2_digest *audit,
			const struct vtpm2_digest *cp,
			const struct vtpm2_digest *rp)
{
	const struct vtpm2_bytes parts[] = {
		{ audit->buf, audit->len }, { cp->buf, cp->len },
		{ rp->buf, rp->len },
	};

	vtpm2_hash_parts(alg, parts, ARRAY_SIZE(parts), audit);
}

/* The first command of a new digest counts (Part 1, 35.4). */
void vtpm2_audit_begin(struct vtpm2 *t)
{
	if (!t->audit_digest.len) {
		t->audit_digest.len = vtpm2_digest_size(t->audit_alg);
		memset(t->audit_digest.buf, 0, t->audit_digest.len);
		t->audit_counter++;
	}
	/* what TPM2_Shutdown saved of the digest is not what it will be */
	t->shutdown_valid = false;
}

void vtpm2_audit_command(struct vtpm2 *t, const struct vtpm2_cmd *c,
			 const struct vtpm2_digest *rp)
{
	vtpm2_audit_extend(t->audit_alg, &t->audit_digest, &c->command_cp, rp);
}

/* commandDigest: which commands are audited, in the order of their codes. */
void vtpm2_audit_command_digest(struct vtpm2 *t, struct vtpm2_digest *digest)
{
	struct vtpm2_hash h;
	unsigned int i;
	u8 be[4];

	vtpm2_hash_init(&h, t->audit_alg);
	for (i = 0; i < vtpm2_command_count(); i++) {
		if (!vtpm2_cc_set_has(&t->audit_commands,
				      vtpm2_commands[i].code))
			continue;
		put_unaligned_be32(vtpm2_commands[i].code, be);
		vtpm2_hash_update(&h, be, sizeof(be));
	}
	vtpm2_hash_final(&h, digest->buf);
	digest->len = vtpm2_digest_size(t->audit_alg);
}

/* Codes that this TPM does not have are passed over (Part 3, 21.2.1). */
static void change_commands(struct vtpm2 *t, struct vtpm2_bytes codes,
			    bool audited)
{
	/* neither may be changed: one would hide itself, one ends the TPM */
	const u32 fixed = audited ? TPM2_CC_SHUTDOWN :
				    TPM2_CC_SET_COMMAND_CODE_AUDIT_STATUS;
	size_t i;

	for (i = 0; i + 4 <= codes.len; i += 4) {
		u32 cc = get_unaligned_be32(codes.p + i);

		if (cc != fixed && vtpm2_command_find(cc))
			vtpm2_cc_set_change(&t->audit_commands, cc, audited);
	}
}

/* Part 3, 21.2 */
VTPM2_CC(set_command_code_audit_status)
{
	struct vtpm2_bytes set, clear;
	u16 alg;
	u32 rc;

	alg = vtpm2_rd_hash_alg(vtpm2_param(c), true);
	set = vtpm2_rd_ccs(vtpm2_param(c));
	clear = vtpm2_rd_ccs(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (alg == TPM2_ALG_NULL || alg == t->audit_alg) {
		change_commands(t, set, true);
		change_commands(t, clear, false);
		return 0;
	}
	if (set.len || clear.len)
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);

	/* no audit of this one: it has no digest of the new algorithm yet */
	t->audit_alg = alg;
	t->audit_digest.len = 0;
	t->shutdown_valid = false;
	c->audited = false;
	return 0;
}
