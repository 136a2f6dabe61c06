// SPDX-License-Identifier: GPL-2.0
/*
 * Hash, MAC and event sequences (Part 3, 17; Part 1, 32.3).
 *
 * A sequence is an object with a handle and an auth value but no name. The
 * commands that complete one (VTPM2_CMD_FLUSHED) leave it in its slot: its
 * auth value still keys the response HMAC, exec.c flushes it after that.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

/* --- saved contexts --- */

static void save_hash(const struct vtpm2_hash *h, struct vtpm2_wr *wr)
{
	u8 state[VTPM2_HASH_EXPORT];

	vtpm2_hash_export(h, state);
	vtpm2_wr_u16(wr, h->alg);
	vtpm2_wr_bytes(wr, state, sizeof(state));
	memzero_explicit(state, sizeof(state));
}

static void load_hash(struct vtpm2_rd *rd, struct vtpm2_hash *h)
{
	u16 alg = vtpm2_rd_hash_alg(rd, false);
	const u8 *state = vtpm2_rd_bytes(rd, VTPM2_HASH_EXPORT);

	if (state)
		vtpm2_hash_import(h, alg, state);
}

static void save_mac(const struct vtpm2_mac *m, struct vtpm2_wr *wr)
{
	vtpm2_wr_u16(wr, m->alg);
	if (m->alg == TPM2_ALG_CMAC) {
		vtpm2_wr_u16(wr, m->cmac.bits);
		vtpm2_wr_u8(wr, m->cmac.used);
		vtpm2_wr_bytes(wr, m->cmac.key, sizeof(m->cmac.key));
		vtpm2_wr_bytes(wr, m->cmac.block, sizeof(m->cmac.block));
		return;
	}
	save_hash(&m->hmac.inner, wr);
	vtpm2_wr_bytes(wr, m->hmac.opad, sizeof(m->hmac.opad));
}

/* Of our own making: context.c has authenticated it. */
static void load_mac(struct vtpm2_rd *rd, struct vtpm2_mac *m)
{
	m->alg = vtpm2_rd_mac_alg(rd);
	if (m->alg == TPM2_ALG_CMAC) {
		m->cmac.bits = vtpm2_rd_u16(rd);
		m->cmac.used = vtpm2_rd_u8(rd);
		vtpm2_rd_copy(rd, m->cmac.key, sizeof(m->cmac.key));
		vtpm2_rd_copy(rd, m->cmac.block, sizeof(m->cmac.block));
		if (m->cmac.used > sizeof(m->cmac.block))
			vtpm2_rd_fail(rd, TPM2_RC_SIZE);
		return;
	}
	load_hash(rd, &m->hmac.inner);
	vtpm2_rd_copy(rd, m->hmac.opad, sizeof(m->hmac.opad));
}

void vtpm2_seq_save(const struct vtpm2_seq *seq, struct vtpm2_wr *wr)
{
	unsigned int i, n = seq->is_event ? VTPM2_BANKS : 1;

	vtpm2_wr_u8(wr, seq->is_mac);
	vtpm2_wr_u8(wr, seq->is_event);
	vtpm2_wr_u8(wr, seq->started);
	vtpm2_wr_u8(wr, seq->safe);
	if (seq->is_mac) {
		save_mac(&seq->mac, wr);
		return;
	}
	for (i = 0; i < n; i++)
		save_hash(&seq->hash[i], wr);
}

struct vtpm2_seq *vtpm2_seq_load(struct vtpm2_rd *rd)
{
	struct vtpm2_seq *seq = kzalloc(sizeof(*seq), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!seq) {
		vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
		return NULL;
	}
	seq->is_mac = vtpm2_rd_bool(rd);
	seq->is_event = vtpm2_rd_bool(rd);
	seq->started = vtpm2_rd_bool(rd);
	seq->safe = vtpm2_rd_bool(rd);
	if (seq->is_mac) {
		load_mac(rd, &seq->mac);
	} else {
		for (i = 0; i < (seq->is_event ? VTPM2_BANKS : 1); i++)
			load_hash(rd, &seq->hash[i]);
	}
	if (rd->err) {
		kfree_sensitive(seq);
		return NULL;
	}
	return seq;
}

/* --- start --- */

/* An object for a sequence that is to be filled in, not in a slot yet. */
static u32 seq_alloc(struct vtpm2 *t, const struct vtpm2_digest *auth,
		     struct vtpm2_object **obj)
{
	u32 rc = vtpm2_object_room(t);

	if (rc)
		return rc;
	*obj = vtpm2_object_alloc();
	if (!*obj)
		return TPM2_RC_MEMORY;
	(*obj)->seq = kzalloc(sizeof(*(*obj)->seq), GFP_KERNEL_ACCOUNT);
	if (!(*obj)->seq) {
		vtpm2_object_free(*obj);
		return TPM2_RC_MEMORY;
	}
	(*obj)->hierarchy = TPM2_RH_NULL;
	(*obj)->sens.auth = *auth;
	return 0;
}

static u32 seq_insert(struct vtpm2 *t, struct vtpm2_cmd *c,
		      struct vtpm2_object *obj)
{
	u32 rc = vtpm2_object_insert(t, obj);

	if (rc)
		vtpm2_object_free(obj);
	else
		c->rsp_handle = obj->handle;
	return rc;
}

u32 vtpm2_cc_hmac_start(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_digest auth;
	struct vtpm2_object *obj;
	u16 alg;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &auth);
	alg = vtpm2_rd_mac_alg(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_mac_select(c->obj[0], &alg);
	if (rc)
		return rc;
	rc = seq_alloc(t, &auth, &obj);
	memzero_explicit(&auth, sizeof(auth));
	if (rc)
		return rc;
	obj->seq->is_mac = true;
	rc = vtpm2_mac_init(t, c->obj[0], alg, &obj->seq->mac);
	if (rc) {
		vtpm2_object_free(obj);
		return rc;
	}
	return seq_insert(t, c, obj);
}

u32 vtpm2_cc_hash_sequence_start(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_digest auth;
	struct vtpm2_object *obj;
	unsigned int i;
	u16 alg;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &auth);
	alg = vtpm2_rd_hash_alg(vtpm2_param(c), true);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = seq_alloc(t, &auth, &obj);
	memzero_explicit(&auth, sizeof(auth));
	if (rc)
		return rc;
	if (alg == TPM2_ALG_NULL) {
		obj->seq->is_event = true;
		for (i = 0; i < VTPM2_BANKS; i++)
			vtpm2_hash_init(&obj->seq->hash[i],
					vtpm2_pcr_bank_alg(i));
	} else {
		vtpm2_hash_init(&obj->seq->hash[0], alg);
	}
	return seq_insert(t, c, obj);
}

/* --- update and complete --- */

static void seq_update(struct vtpm2_seq *seq, struct vtpm2_bytes data)
{
	unsigned int i, n = seq->is_event ? VTPM2_BANKS : 1;

	/* The first buffer alone tells, however short (Part 3, 17.4.1). */
	if (!seq->started) {
		seq->started = true;
		seq->safe = vtpm2_hash_safe(data);
	}
	if (seq->is_mac) {
		vtpm2_mac_update(&seq->mac, data);
		return;
	}
	for (i = 0; i < n; i++)
		vtpm2_hash_update(&seq->hash[i], data.p, data.len);
}

u32 vtpm2_cc_sequence_update(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
	struct vtpm2_object *obj = c->obj[0];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* numbered as a parameter, as other TPMs do for this command alone */
	if (!obj->seq)
		return vtpm2_rc_p(TPM2_RC_MODE, 1);
	seq_update(obj->seq, data);
	return 0;
}

u32 vtpm2_cc_sequence_complete(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
	u32 hierarchy = vtpm2_rd_hierarchy(vtpm2_param(c));
	struct vtpm2_seq *seq = c->obj[0]->seq;
	struct vtpm2_ticket ticket = {
		.tag = TPM2_ST_HASHCHECK,
		.hierarchy = TPM2_RH_NULL,
	};
	struct vtpm2_digest digest;
	u16 alg;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!seq || seq->is_event)
		return vtpm2_rc_h(TPM2_RC_MODE, 1);
	seq_update(seq, data);
	if (seq->is_mac) {
		vtpm2_mac_final(&seq->mac, &digest);
	} else {
		alg = seq->hash[0].alg;
		digest.len = vtpm2_digest_size(alg);
		vtpm2_hash_final(&seq->hash[0], digest.buf);
		if (hierarchy != TPM2_RH_NULL && seq->safe)
			vtpm2_ticket_make_hash(t, hierarchy, alg, &digest,
					       &ticket);
	}
	vtpm2_wr_digest(&c->out, &digest);
	vtpm2_wr_ticket(&c->out, &ticket);
	return 0;
}

u32 vtpm2_cc_event_sequence_complete(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
	struct vtpm2_seq *seq = c->obj[1]->seq;
	u8 digest[VTPM2_MAX_DIGEST];
	u32 pcr = c->handle[0];
	unsigned int i;
	u16 alg;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!seq || !seq->is_event)
		return vtpm2_rc_h(TPM2_RC_MODE, 2);
	if (pcr != TPM2_RH_NULL && !vtpm2_pcr_extend_allowed(pcr, c->locality))
		return TPM2_RC_LOCALITY;

	seq_update(seq, data);
	vtpm2_wr_u32(&c->out, VTPM2_BANKS);
	for (i = 0; i < VTPM2_BANKS; i++) {
		alg = seq->hash[i].alg;
		vtpm2_hash_final(&seq->hash[i], digest);
		if (pcr != TPM2_RH_NULL)
			vtpm2_pcr_extend(t, pcr, i, digest);
		vtpm2_wr_u16(&c->out, alg);
		vtpm2_wr_bytes(&c->out, digest, vtpm2_digest_size(alg));
	}
	return 0;
}
