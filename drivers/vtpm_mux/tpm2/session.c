// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: their slots and handles (Part 1, 15.4 and 30; Part 3, 11).
 *
 * The low bits of a session handle are an index into vtpm2.active, which
 * HMAC and policy sessions share and which a session keeps while it is saved.
 * An entry there tells a free index, a loaded session, and the context ID of
 * a saved one apart, so that of all contexts saved of one session only the
 * newest can be loaded, and that only once.
 */
#include <linux/array_size.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"
#include "txn.h"

#define INDEX_MASK	0x00ffffff

/* Entry of vtpm2.active that @handle names, whatever its type; or NULL. */
static u64 *active_entry(struct vtpm2 *t, u32 handle)
{
	u32 index = handle & INDEX_MASK;

	return index < VTPM2_MAX_ACTIVE ? &t->active[index] : NULL;
}

static bool entry_saved(u64 entry)
{
	return entry && entry != VTPM2_ACTIVE_LOADED;
}

static struct vtpm2_session **find_slot(struct vtpm2 *t,
					const struct vtpm2_session *s)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++)
		if (t->sessions[i] == s)
			return &t->sessions[i];
	return NULL;
}

struct vtpm2_session *vtpm2_session_find(struct vtpm2 *t, u32 handle)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++)
		if (t->sessions[i] && t->sessions[i]->handle == handle)
			return t->sessions[i];
	return NULL;
}

struct vtpm2_session *vtpm2_session_find_index(struct vtpm2 *t, u32 handle)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++)
		if (t->sessions[i] &&
		    !((t->sessions[i]->handle ^ handle) & INDEX_MASK))
			return t->sessions[i];
	return NULL;
}

bool vtpm2_session_saved(const struct vtpm2 *t, u32 handle)
{
	u32 index = handle & INDEX_MASK;

	return index < VTPM2_MAX_ACTIVE && entry_saved(t->active[index]);
}

unsigned int vtpm2_session_loaded_count(const struct vtpm2 *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++)
		n += !!t->sessions[i];
	return n;
}

unsigned int vtpm2_session_active_count(const struct vtpm2 *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < VTPM2_MAX_ACTIVE; i++)
		n += !!t->active[i];
	return n;
}

/* The saved session of the smallest context ID, NULL if none is saved. */
static u64 *oldest_saved(struct vtpm2 *t)
{
	u64 *oldest = NULL;
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_ACTIVE; i++)
		if (entry_saved(t->active[i]) &&
		    (!oldest || t->active[i] < *oldest))
			oldest = &t->active[i];
	return oldest;
}

/*
 * Part 1, 30.5: no context may be saved while the oldest is
 * TPM_PT_CONTEXT_GAP_MAX behind. Returns that oldest one, else NULL.
 */
static u64 *gap_full(struct vtpm2 *t)
{
	u64 *oldest = oldest_saved(t);

	if (oldest && t->session_context_id - *oldest >= VTPM2_CONTEXT_GAP)
		return oldest;
	return NULL;
}

/*
 * Room to load one more session? With the gap full, the last slot is kept for
 * the oldest context (@entry, if it is the one), the only way out.
 */
static u32 check_room(struct vtpm2 *t, const u64 *entry)
{
	unsigned int loaded = vtpm2_session_loaded_count(t);
	u64 *oldest;

	if (loaded == VTPM2_MAX_SESSIONS)
		return TPM2_RC_SESSION_MEMORY;
	oldest = gap_full(t);
	if (loaded == VTPM2_MAX_SESSIONS - 1 && oldest && oldest != entry)
		return TPM2_RC_CONTEXT_GAP;
	return 0;
}

/* A zeroed session in a slot; the caller gives it its handle. */
static struct vtpm2_session *take_slot(struct vtpm2 *t)
{
	struct vtpm2_session **slot = find_slot(t, NULL);

	if (slot)
		*slot = kzalloc(sizeof(**slot), GFP_KERNEL_ACCOUNT);
	return slot ? *slot : NULL;
}

static void free_slot(struct vtpm2 *t, struct vtpm2_session *s)
{
	struct vtpm2_session **slot = find_slot(t, s);

	if (slot)
		*slot = NULL;
	if (!vtpm2_txn_holds(t, s))
		kfree_sensitive(s);
}

void vtpm2_session_flush(struct vtpm2 *t, struct vtpm2_session *s)
{
	u64 *entry = active_entry(t, s->handle);

	if (t->exclusive_audit == s->handle)
		t->exclusive_audit = 0;
	if (entry)
		*entry = 0;
	free_slot(t, s);
}

/*
 * By index alone: nothing remembers whether a saved session is an HMAC or a
 * policy session, and the reference implementation flushes either by either.
 */
u32 vtpm2_session_flush_handle(struct vtpm2 *t, u32 handle)
{
	struct vtpm2_session *s = vtpm2_session_find_index(t, handle);

	if (s) {
		vtpm2_session_flush(t, s);
		return 0;
	}
	if (!vtpm2_session_saved(t, handle))
		return TPM2_RC_HANDLE;
	if (t->exclusive_audit == handle)
		t->exclusive_audit = 0;
	*active_entry(t, handle) = 0;
	return 0;
}

void vtpm2_session_flush_all(struct vtpm2 *t)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++)
		if (t->sessions[i])
			vtpm2_session_flush(t, t->sessions[i]);
	memset(t->active, 0, sizeof(t->active));
	t->session_context_id = 0;
	t->exclusive_audit = 0;
}

void vtpm2_session_start_time(struct vtpm2 *t, struct vtpm2_session *s)
{
	s->start_time = vtpm2_clock_time(t);
	s->epoch = t->time_epoch;
	s->timeout = 0;
}

/* Part 3, 11.2: all but the nonces, the start time and the binding. */
void vtpm2_session_policy_reset(struct vtpm2_session *s)
{
	s->policy.len = vtpm2_digest_size(s->hash);
	memset(s->policy.buf, 0, sizeof(s->policy.buf));
	s->policy_cc = 0;
	s->policy_locality = 0;
	s->need_auth = false;
	s->need_password = false;
	s->need_pp = false;
	s->check_written = false;
	s->written = false;
	s->template_set = false;
	s->name_hash_set = false;
	s->cp_hash_set = false;
	s->cp_hash.len = 0;
	s->pcr_checked = false;
	s->pcr_counter = 0;
	s->timeout = 0;
}

/*
 * What ties an HMAC session to an entity: the Name and the auth value it had
 * at TPM2_StartAuthSession, so that a change of either ends the binding.
 */
static void bind_value(struct vtpm2 *t, u32 handle, struct vtpm2_digest *bind)
{
	const struct vtpm2_digest *auth = vtpm2_entity_auth(t, handle);
	struct vtpm2_name name;
	struct vtpm2_bytes parts[2];

	vtpm2_entity_name(t, handle, &name);
	/* with its length: no byte of one may be taken for the other's */
	parts[0] = (struct vtpm2_bytes){ (u8 *)&name, sizeof(name.len) +
						      name.len };
	parts[1] = (struct vtpm2_bytes){ auth->buf, auth->len };
	vtpm2_hash_parts(VTPM2_CONTEXT_HASH, parts, ARRAY_SIZE(parts), bind);
}

bool vtpm2_session_is_bound(struct vtpm2 *t, const struct vtpm2_session *s,
			    u32 handle)
{
	struct vtpm2_digest bind;

	if (!s->bound)
		return false;
	bind_value(t, handle, &bind);
	return !memcmp(bind.buf, s->bind.buf, bind.len);
}

/* A session of @type at the first free index; only memory can lack now. */
static u32 session_new(struct vtpm2 *t, u8 type, struct vtpm2_session **out)
{
	struct vtpm2_session *s;
	unsigned int i;
	u32 rc;

	rc = check_room(t, NULL);
	if (rc)
		return rc;
	for (i = 0; i < VTPM2_MAX_ACTIVE && t->active[i]; i++)
		;
	if (i == VTPM2_MAX_ACTIVE)
		return TPM2_RC_SESSION_HANDLES;
	s = take_slot(t);
	if (!s)
		return TPM2_RC_MEMORY;
	t->active[i] = VTPM2_ACTIVE_LOADED;
	s->type = type;
	s->handle = i + (type == TPM2_SE_HMAC ? TPM2_HMAC_SESSION_FIRST :
						TPM2_POLICY_SESSION_FIRST);
	*out = s;
	return 0;
}

/* Part 1, 19.6.8: sessionKey = KDFa(authHash, authValue || salt, "ATH", ...) */
static void session_key(struct vtpm2 *t, struct vtpm2_session *s, u32 bind,
			const struct vtpm2_digest *salt,
			struct vtpm2_bytes nonce)
{
	u8 key[2 * VTPM2_MAX_DIGEST];
	size_t len = 0;

	if (bind == TPM2_RH_NULL && !salt->len)
		return;
	if (bind != TPM2_RH_NULL) {
		const struct vtpm2_digest *auth = vtpm2_entity_auth(t, bind);

		len = auth->len;
		memcpy(key, auth->buf, len);
	}
	memcpy(key + len, salt->buf, salt->len);
	len += salt->len;
	s->key.len = vtpm2_digest_size(s->hash);
	vtpm2_kdfa(s->hash, key, len, "ATH", s->nonce_tpm.buf,
		   s->nonce_tpm.len, nonce.p, nonce.len, s->key.len * 8,
		   s->key.buf);
	memzero_explicit(key, sizeof(key));
}

struct start_params {
	struct vtpm2_bytes nonce;
	struct vtpm2_bytes salt;	/* encrypted */
	u8 type;
	struct vtpm2_sym sym;
	u16 hash;
};

static u32 read_start(struct vtpm2_cmd *c, struct start_params *p)
{
	struct vtpm2_rd *rd;

	p->nonce = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	p->salt = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_SECRET);
	rd = vtpm2_param(c);
	p->type = vtpm2_rd_u8(rd);
	if (p->type != TPM2_SE_HMAC && p->type != TPM2_SE_POLICY &&
	    p->type != TPM2_SE_TRIAL)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	vtpm2_rd_sym_def(vtpm2_param(c), &p->sym, true);
	p->hash = vtpm2_rd_hash_alg(vtpm2_param(c), false);
	return vtpm2_done(c);
}

/* Recover the salt with the key of handle 1 (Part 3, 11.1.3). */
static u32 read_salt(struct vtpm2 *t, struct vtpm2_object *key,
		     struct vtpm2_bytes secret, struct vtpm2_digest *salt)
{
	u32 rc;

	salt->len = 0;
	if (!key)
		return secret.len ? vtpm2_rc_p(TPM2_RC_VALUE, 2) : 0;
	if (!vtpm2_public_asymmetric(&key->pub))
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if (!secret.len)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	if (key->public_only)
		return vtpm2_rc_h(TPM2_RC_HANDLE, 1);
	if (!(key->pub.attrs & TPM2_OA_DECRYPT))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	rc = vtpm2_secret_decrypt(t, key, "SECRET", secret, salt);
	/* one code for all that is wrong with a secret; the chip's pass */
	return rc & TPM2_RC_FMT1 ? vtpm2_rc_p(TPM2_RC_VALUE, 2) : rc;
}

/* An entity whose auth value may not be had, or is no secret, binds nothing. */
static u32 check_bind(const struct vtpm2_cmd *c)
{
	const struct vtpm2_object *obj = c->obj[1];

	if (obj && (obj->public_only || obj->seq ||
		    obj->pub.name_alg == TPM2_ALG_NULL))
		return vtpm2_rc_h(TPM2_RC_HANDLE, 2);
	/* the PIN of a PIN index is for TPM2_PolicySecret alone */
	if (c->nv[1] && (vtpm2_nv_type(c->nv[1]) == TPM2_NT_PIN_FAIL ||
			 vtpm2_nv_type(c->nv[1]) == TPM2_NT_PIN_PASS))
		return vtpm2_rc_h(TPM2_RC_HANDLE, 2);
	return 0;
}

static u32 session_create(struct vtpm2 *t, const struct start_params *p,
			  u32 bind, const struct vtpm2_digest *salt,
			  struct vtpm2_session **out)
{
	struct vtpm2_session *s;
	u32 rc;

	rc = session_new(t, p->type, &s);
	if (rc)
		return rc;
	s->hash = p->hash;
	s->sym = p->sym;
	if (p->type != TPM2_SE_HMAC) {
		vtpm2_session_policy_reset(s);
		vtpm2_session_start_time(t, s);
	}
	s->nonce_tpm.len = p->nonce.len;
	vtpm2_random(s->nonce_tpm.buf, s->nonce_tpm.len);
	session_key(t, s, bind, salt, p->nonce);
	if (bind != TPM2_RH_NULL) {
		if (p->type == TPM2_SE_HMAC) {
			s->bound = true;
			bind_value(t, bind, &s->bind);
		}
		s->da_bound = vtpm2_entity_da(t, bind);
		s->lockout_bound = s->da_bound && bind == TPM2_RH_LOCKOUT;
	}
	*out = s;
	return 0;
}

/* Part 3, 11.1 */
VTPM2_CC(start_auth_session)
{
	struct vtpm2_digest salt;
	struct start_params p;
	struct vtpm2_session *s;
	u32 rc;

	rc = read_start(c, &p);
	if (rc)
		return rc;
	if (p.nonce.len < 16 || p.nonce.len > vtpm2_digest_size(p.hash))
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	rc = read_salt(t, c->obj[0], p.salt, &salt);
	if (rc)
		goto out;
	rc = check_bind(c);
	if (rc)
		goto out;
	if (p.sym.alg == TPM2_ALG_AES && p.sym.mode != TPM2_ALG_CFB) {
		rc = vtpm2_rc_p(TPM2_RC_MODE, 4);
		goto out;
	}
	rc = session_create(t, &p, c->handle[1], &salt, &s);
	if (rc)
		goto out;
	c->rsp_handle = s->handle;
	vtpm2_wr_digest(&c->out, &s->nonce_tpm);
out:
	memzero_explicit(&salt, sizeof(salt));
	return rc;
}

/* Part 3, 11.2 */
VTPM2_CC(policy_restart)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	vtpm2_session_policy_reset(c->ses[0]);
	return 0;
}

enum {
	SAVED_BOUND		= 0x0001,
	SAVED_DA_BOUND		= 0x0002,
	SAVED_LOCKOUT_BOUND	= 0x0004,
	SAVED_AUDIT		= 0x0008,
	SAVED_NEED_AUTH		= 0x0010,
	SAVED_NEED_PASSWORD	= 0x0020,
	SAVED_NEED_PP		= 0x0040,
	SAVED_CHECK_WRITTEN	= 0x0080,
	SAVED_WRITTEN		= 0x0100,
	SAVED_TEMPLATE		= 0x0200,
	SAVED_NAME_HASH		= 0x0400,
	SAVED_CP_HASH		= 0x0800,
	SAVED_PCR_CHECKED	= 0x1000,
};

static u16 pack_flags(const struct vtpm2_session *s)
{
	return (s->bound ? SAVED_BOUND : 0) |
	       (s->da_bound ? SAVED_DA_BOUND : 0) |
	       (s->lockout_bound ? SAVED_LOCKOUT_BOUND : 0) |
	       (s->audit ? SAVED_AUDIT : 0) |
	       (s->need_auth ? SAVED_NEED_AUTH : 0) |
	       (s->need_password ? SAVED_NEED_PASSWORD : 0) |
	       (s->need_pp ? SAVED_NEED_PP : 0) |
	       (s->check_written ? SAVED_CHECK_WRITTEN : 0) |
	       (s->written ? SAVED_WRITTEN : 0) |
	       (s->template_set ? SAVED_TEMPLATE : 0) |
	       (s->name_hash_set ? SAVED_NAME_HASH : 0) |
	       (s->cp_hash_set ? SAVED_CP_HASH : 0) |
	       (s->pcr_checked ? SAVED_PCR_CHECKED : 0);
}

static void unpack_flags(struct vtpm2_session *s, u16 flags)
{
	s->bound = flags & SAVED_BOUND;
	s->da_bound = flags & SAVED_DA_BOUND;
	s->lockout_bound = flags & SAVED_LOCKOUT_BOUND;
	s->audit = flags & SAVED_AUDIT;
	s->need_auth = flags & SAVED_NEED_AUTH;
	s->need_password = flags & SAVED_NEED_PASSWORD;
	s->need_pp = flags & SAVED_NEED_PP;
	s->check_written = flags & SAVED_CHECK_WRITTEN;
	s->written = flags & SAVED_WRITTEN;
	s->template_set = flags & SAVED_TEMPLATE;
	s->name_hash_set = flags & SAVED_NAME_HASH;
	s->cp_hash_set = flags & SAVED_CP_HASH;
	s->pcr_checked = flags & SAVED_PCR_CHECKED;
}

static void write_state(struct vtpm2_wr *wr, const struct vtpm2_session *s)
{
	vtpm2_wr_u8(wr, s->type);
	vtpm2_wr_u16(wr, s->hash);
	vtpm2_wr_u16(wr, s->sym.alg);
	vtpm2_wr_u16(wr, s->sym.bits);
	vtpm2_wr_u16(wr, s->sym.mode);
	vtpm2_wr_u16(wr, pack_flags(s));
	vtpm2_wr_digest(wr, &s->key);
	vtpm2_wr_digest(wr, &s->nonce_tpm);
	vtpm2_wr_digest(wr, &s->bind);
	vtpm2_wr_digest(wr, &s->audit_digest);
	vtpm2_wr_digest(wr, &s->policy);
	vtpm2_wr_digest(wr, &s->cp_hash);
	vtpm2_wr_u32(wr, s->policy_cc);
	vtpm2_wr_u8(wr, s->policy_locality);
	vtpm2_wr_u32(wr, s->pcr_counter);
	vtpm2_wr_u64(wr, s->start_time);
	vtpm2_wr_u64(wr, s->timeout);
	vtpm2_wr_u32(wr, s->epoch);
}

static void read_state(struct vtpm2_rd *rd, struct vtpm2_session *s)
{
	s->type = vtpm2_rd_u8(rd);
	s->hash = vtpm2_rd_hash_alg(rd, false);
	s->sym.alg = vtpm2_rd_u16(rd);
	s->sym.bits = vtpm2_rd_u16(rd);
	s->sym.mode = vtpm2_rd_u16(rd);
	unpack_flags(s, vtpm2_rd_u16(rd));
	vtpm2_rd_digest(rd, &s->key);
	vtpm2_rd_digest(rd, &s->nonce_tpm);
	vtpm2_rd_digest(rd, &s->bind);
	vtpm2_rd_digest(rd, &s->audit_digest);
	vtpm2_rd_digest(rd, &s->policy);
	vtpm2_rd_digest(rd, &s->cp_hash);
	s->policy_cc = vtpm2_rd_u32(rd);
	s->policy_locality = vtpm2_rd_u8(rd);
	s->pcr_counter = vtpm2_rd_u32(rd);
	s->start_time = vtpm2_rd_u64(rd);
	s->timeout = vtpm2_rd_u64(rd);
	s->epoch = vtpm2_rd_u32(rd);
	if (s->type != TPM2_SE_HMAC && s->type != TPM2_SE_POLICY &&
	    s->type != TPM2_SE_TRIAL)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	if (s->sym.alg != TPM2_ALG_NULL && s->sym.alg != TPM2_ALG_AES &&
	    (s->sym.alg != TPM2_ALG_XOR || !vtpm2_digest_size(s->sym.bits)))
		vtpm2_rd_fail(rd, TPM2_RC_SYMMETRIC);
}

/* A loaded one, for state_volatile.c */
void vtpm2_session_write(struct vtpm2_wr *wr, const struct vtpm2_session *s)
{
	vtpm2_wr_u32(wr, s->handle);
	vtpm2_wr_u64(wr, s->context_id);
	write_state(wr, s);
}

void vtpm2_session_read(struct vtpm2_rd *rd, struct vtpm2_session *s)
{
	s->handle = vtpm2_rd_u32(rd);
	s->context_id = vtpm2_rd_u64(rd);
	read_state(rd, s);
	if ((s->handle & INDEX_MASK) >= VTPM2_MAX_ACTIVE)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
}

/*
 * The state of @s in the clear: the caller encrypts and authenticates it
 * together with the handle and @context_id. On success @s is gone and its
 * handle is that of a saved session.
 */
u32 vtpm2_session_save(struct vtpm2 *t, struct vtpm2_session *s,
		       struct vtpm2_wr *wr, u64 *context_id)
{
	u64 *entry = active_entry(t, s->handle);

	if (!entry || gap_full(t))
		return TPM2_RC_CONTEXT_GAP;
	write_state(wr, s);
	if (wr->overflow)
		return TPM2_RC_FAILURE;
	*entry = *context_id = ++t->session_context_id;
	free_slot(t, s);
	return 0;
}

/*
 * Bring the session of a context that the caller has authenticated back.
 * TPM_RC_HANDLE for a context that was loaded or flushed since: a replay.
 */
u32 vtpm2_session_load(struct vtpm2 *t, u32 handle, u64 context_id,
		       struct vtpm2_rd *rd)
{
	u64 *entry = active_entry(t, handle);
	struct vtpm2_session *s;
	u32 rc;

	if (!entry || !entry_saved(*entry) || *entry != context_id)
		return TPM2_RC_HANDLE;
	rc = check_room(t, entry);
	if (rc)
		return rc;
	s = take_slot(t);
	if (!s)
		return TPM2_RC_MEMORY;
	read_state(rd, s);
	if (rd->err || rd->left) {
		free_slot(t, s);
		return TPM2_RC_INTEGRITY;
	}
	s->handle = handle;
	s->context_id = context_id;
	*entry = VTPM2_ACTIVE_LOADED;
	return 0;
}
