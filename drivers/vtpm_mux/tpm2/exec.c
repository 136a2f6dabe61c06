// SPDX-License-Identifier: GPL-2.0
/*
 * One command from bytes to bytes (Part 3, 5: command processing).
 *
 *   header -> code -> handles -> sessions -> authorization -> parameters
 *
 * Each step answers before the next one looks at its bytes, which gives the
 * precedence of response codes that Part 3 demands.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>

#include "tpm2.h"
#include "txn.h"

#define HEADER_SIZE	10
/* An authorization is at least handle, empty nonce, attributes, empty HMAC. */
#define AUTH_MIN_SIZE	9

struct vtpm2_rd *vtpm2_param(struct vtpm2_cmd *c)
{
	c->in.param++;
	return &c->in;
}

u32 vtpm2_done(struct vtpm2_cmd *c)
{
	if (c->in.err)
		return c->in.err;
	return c->in.left ? TPM2_RC_SIZE : 0;
}

static size_t respond(u8 *rsp, u16 tag, size_t len, u32 rc)
{
	put_unaligned_be16(tag, rsp);
	put_unaligned_be32(len, rsp + 2);
	put_unaligned_be32(rc, rsp + 6);
	return len;
}

static size_t respond_error(u8 *rsp, u32 rc)
{
	/* Part 1, 18.2: a bad tag is answered in the format of TPM 1.2 */
	return respond(rsp, rc == TPM2_RC_BAD_TAG ? TPM2_ST_RSP_COMMAND :
			    TPM2_ST_NO_SESSIONS, HEADER_SIZE, rc);
}

/* Part 1, 12.4: nothing that depends on an algorithm, so no sessions either. */
static u32 failure_mode(const struct vtpm2_command *def, u16 tag)
{
	if (!def || !(def->flags & VTPM2_CMD_FAILED) ||
	    tag != TPM2_ST_NO_SESSIONS)
		return TPM2_RC_FAILURE;
	return 0;
}

static u32 parse_header(struct vtpm2 *t, struct vtpm2_cmd *c,
			struct vtpm2_rd *rd, u16 *tag)
{
	size_t len = rd->left;
	u32 size, code;

	if (!t->powered)
		return TPM2_RC_FAILURE;
	*tag = vtpm2_rd_u16(rd);
	if (!rd->err && *tag != TPM2_ST_NO_SESSIONS && *tag != TPM2_ST_SESSIONS)
		return TPM2_RC_BAD_TAG;
	size = vtpm2_rd_u32(rd);
	if (rd->err)
		return rd->err;
	if (size != len)
		return TPM2_RC_COMMAND_SIZE;
	code = vtpm2_rd_u32(rd);
	if (rd->err)
		return rd->err;
	c->def = vtpm2_command_find(code);
	if (t->failed_alg != TPM2_ALG_ERROR)
		return failure_mode(c->def, *tag);
	if (!c->def)
		return TPM2_RC_COMMAND_CODE;
	/*
	 * Each before, and only before, TPM2_Startup (Part 3, 9.3). But a VMM
	 * asks for the sizes of buffers before its firmware has started the TPM.
	 */
	if (!(c->def->flags & VTPM2_CMD_ANY_TIME) &&
	    t->started == !!(c->def->flags & VTPM2_CMD_BEFORE_STARTUP))
		return TPM2_RC_INITIALIZE;
	return 0;
}

static u32 parse_handles(struct vtpm2 *t, struct vtpm2_cmd *c,
			 struct vtpm2_rd *rd)
{
	unsigned int i, n = vtpm2_command_handles(c->def);
	u32 rc;

	for (i = 0; i < n; i++) {
		c->handle[i] = vtpm2_rd_u32(rd);
		if (rd->err)
			return vtpm2_rc_h(rd->err, i + 1);
		if (!vtpm2_entity_type_ok(c->def->handle[i], c->handle[i]))
			return vtpm2_rc_h(TPM2_RC_VALUE, i + 1);
	}
	/* only then is the first one looked up (Part 3, 5.4) */
	for (i = 0; i < n; i++) {
		rc = vtpm2_entity_resolve(t, c, i);
		if (rc)
			return rc;
	}
	return 0;
}

/* The authorization area, if @tag says that there is one. */
static u32 parse_sessions(struct vtpm2 *t, struct vtpm2_cmd *c,
			  struct vtpm2_rd *rd, u16 tag)
{
	struct vtpm2_rd area;
	size_t size;

	if (tag != TPM2_ST_SESSIONS)
		return 0;
	size = vtpm2_rd_u32(rd);
	if (rd->err)
		return rd->err;
	if (size < AUTH_MIN_SIZE || size > rd->left)
		return TPM2_RC_SIZE;
	if (c->def->flags & VTPM2_CMD_NO_SESSIONS)
		return TPM2_RC_AUTH_CONTEXT;
	vtpm2_rd_init(&area, vtpm2_rd_bytes(rd, size), size);
	return vtpm2_auth_parse(t, c, &area);
}

/*
 * A completed sequence ends with its command (Part 3, 17.5), but not before
 * its auth value has keyed the response.
 */
static void flush_sequence(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->obj); i++)
		if (c->obj[i] && c->obj[i]->seq)
			vtpm2_object_flush(t, c->obj[i]);
}

/* Handle, sizes, parameters and sessions of a successful command. */
static size_t build_response(struct vtpm2 *t, struct vtpm2_cmd *c, u16 tag,
			     u8 *rsp, size_t params)
{
	struct vtpm2_wr wr;

	if (c->def->flags & VTPM2_CMD_R_HANDLE)
		put_unaligned_be32(c->rsp_handle, rsp + HEADER_SIZE);
	if (tag == TPM2_ST_SESSIONS)
		put_unaligned_be32(c->out.len, rsp + params - 4);
	vtpm2_wr_init(&wr, rsp, VTPM2_MAX_RESPONSE);
	wr.len = params + c->out.len;
	/* without sessions too: it ends an audit session's exclusivity */
	vtpm2_auth_response(t, c, &wr, params, c->out.len);
	if (c->def->flags & VTPM2_CMD_FLUSHED)
		flush_sequence(t, c);
	if (wr.overflow) {
		memzero_explicit(rsp, VTPM2_MAX_RESPONSE);
		return respond_error(rsp, TPM2_RC_FAILURE);
	}
	return respond(rsp, tag, wr.len, 0);
}

/*
 * Time goes on between commands. Where what must be durable of it cannot be,
 * Clock waits: the command has nothing to do with it.
 */
static u32 pass_time(struct vtpm2 *t)
{
	u64 durable = t->clock_durable;
	bool safe = t->clock_safe;
	u32 rc = 0;

	if (vtpm2_clock_update(t) || t->txn->pending) {
		rc = vtpm2_txn_commit(t);
		if (rc && t->txn->pending)
			return rc;
		if (rc)
			vtpm2_clock_hold(t, durable, safe);
		vtpm2_txn_begin(t);
	}
	if (t->started)
		vtpm2_da_tick(t);
	return 0;
}

static u32 execute(struct vtpm2 *t, struct vtpm2_cmd *c, struct vtpm2_rd *rd,
		   u16 *tag, u8 *rsp, size_t *params)
{
	u32 rc;

	rc = parse_header(t, c, rd, tag);
	if (!rc)
		rc = pass_time(t);
	if (rc)
		return rc;
	rc = parse_handles(t, c, rd);
	if (rc)
		return rc;
	rc = parse_sessions(t, c, rd, *tag);
	if (rc)
		return rc;
	c->cp.p = rd->p;
	c->cp.len = rd->left;
	rc = vtpm2_auth_check(t, c);
	if (rc)
		return rc;
	c->authorized = true;

	*params = HEADER_SIZE;
	if (c->def->flags & VTPM2_CMD_R_HANDLE)
		*params += 4;
	if (*tag == TPM2_ST_SESSIONS)
		*params += 4;
	vtpm2_rd_init(&c->in, c->cp.p, c->cp.len);
	vtpm2_wr_init(&c->out, rsp + *params, VTPM2_MAX_RESPONSE - *params);
	vtpm2_txn_watch(t, c);
	rc = c->def->fn(t, c);
	if (rc)
		return rc;
	if (c->audited)
		vtpm2_audit_begin(t);
	return 0;
}

/*
 * The end of a command: what it has changed is durable before its response can
 * be, or has not happened. See txn.c on authorizations that have failed.
 */
static u32 settle(struct vtpm2 *t, struct vtpm2_cmd *c, u32 rc)
{
	u32 commit_rc;

	switch (rc) {
	case TPM2_RC_RETRY:
	case TPM2_RC_MEMORY:
		/* the same command may come again, as if for the first time */
		vtpm2_txn_undo(t);
		return rc;
	case 0:
		if (!c->out.overflow)
			break;
		vtpm2_txn_undo(t);
		return TPM2_RC_FAILURE;
	}
	commit_rc = vtpm2_txn_commit(t);
	if (!commit_rc)
		return rc;
	if (rc && !c->authorized)
		vtpm2_txn_keep(t);
	else
		vtpm2_txn_undo(t);
	return commit_rc;
}

size_t vtpm2_execute(struct vtpm2 *t, u8 locality, const u8 *cmd, size_t len,
		     u8 *rsp)
{
	struct vtpm2_cmd c = { .locality = locality };
	size_t params = 0, rsp_len;
	struct vtpm2_rd rd;
	u16 tag = 0;
	u32 rc;

	if (len > sizeof(t->txn->cmd))
		return respond_error(rsp, TPM2_RC_COMMAND_SIZE);
	/* a private copy: what was checked is what is used */
	memcpy(t->txn->cmd, cmd, len);
	vtpm2_rd_init(&rd, t->txn->cmd, len);

	vtpm2_txn_begin(t);
	rc = settle(t, &c, execute(t, &c, &rd, &tag, rsp, &params));
	if (rc) {
		/* nothing of a half-built response may leave */
		memzero_explicit(rsp, VTPM2_MAX_RESPONSE);
		rsp_len = respond_error(rsp, rc);
	} else {
		rsp_len = build_response(t, &c, tag, rsp, params);
	}
	memzero_explicit(t->txn->cmd, len);
	return rsp_len;
}

struct vtpm2 *vtpm2_alloc(const struct vtpm2_config *config)
{
	struct vtpm2 *t;

	if (!config->ops && config->assurance != VTPM2_ASSURANCE_SOFTWARE)
		return NULL;
	t = kvzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return NULL;
	/* kmalloc() would round it up by a third */
	t->txn = __vmalloc(sizeof(*t->txn), GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!t->txn) {
		kvfree(t);
		return NULL;
	}
	t->config = *config;
	return t;
}

struct vtpm2 *vtpm2_create(const struct vtpm2_config *config)
{
	struct vtpm2 *t = vtpm2_alloc(config);

	if (t) {
		vtpm2_startup_manufacture(t);
		vtpm2_txn_adopt(t);
	}
	return t;
}

void vtpm2_destroy(struct vtpm2 *t)
{
	if (!t)
		return;
	vtpm2_session_flush_all(t);
	vtpm2_object_flush_hierarchy(t, 0);
	vtpm2_object_evict_hierarchy(t, 0);
	vtpm2_primary_forget(t, 0);
	vtpm2_nv_clear(t, true);
	kvfree_sensitive(t->txn, sizeof(*t->txn));
	kvfree_sensitive(t, sizeof(*t));
}

static void count_class(const struct vtpm2_object *obj,
			struct vtpm2_usage *usage)
{
	if (!obj || obj->public_only || obj->seq)
		return;
	switch (obj->class) {
	case VTPM2_CLASS_HARDWARE:
		usage->hardware++;
		break;
	case VTPM2_CLASS_SEALED:
		usage->sealed++;
		break;
	case VTPM2_CLASS_SOFTWARE:
		usage->software++;
		break;
	}
}

void vtpm2_get_usage(const struct vtpm2 *t, struct vtpm2_usage *usage)
{
	unsigned int i, objects = vtpm2_object_count(t);

	*usage = (struct vtpm2_usage){
		.objects = objects,
		.persistent = t->persistent_count,
		.sessions = vtpm2_session_loaded_count(t),
		.nv_indices = t->nv_count,
		.started = t->started,
		.established = t->established,
	};
	usage->bytes = sizeof(*t) + sizeof(*t->txn) + vtpm2_primary_bytes(t) +
		(objects + t->persistent_count) * sizeof(struct vtpm2_object) +
		usage->sessions * sizeof(struct vtpm2_session) +
		t->nv_count * sizeof(struct vtpm2_nv) + t->nv_bytes;
	for (i = 0; i < VTPM2_MAX_OBJECTS; i++) {
		count_class(t->objects[i], usage);
		if (t->objects[i] && t->objects[i]->seq)
			usage->bytes += sizeof(struct vtpm2_seq);
	}
	for (i = 0; i < t->persistent_count; i++)
		count_class(t->persistent[i], usage);
}
