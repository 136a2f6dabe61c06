/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine's state and the calls between its files.
 *
 *   vtpm2_execute()      exec.c     header, handles, sessions, dispatch
 *     +- commands.c                 one row per command
 *     +- auth.c, session.c          authorization area, both directions
 *     +- handlers                   vtpm2_cc_*(), one per row
 *          +- object.c, nv.c, pcr.c, hierarchy.c ...   the TPM's state
 *          +- key.c                 private-key operations: chip or software
 *
 * No locks in here: the caller of vtpm2_execute() serializes a vTPM.
 *
 * A handler returns 0 or a TPM response code. It reads its parameters through
 * vtpm2_param(), ends with vtpm2_done(), and only then acts, so that a command
 * that fails has changed nothing.
 */
#ifndef VTPM2_TPM2_H
#define VTPM2_TPM2_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "crypto.h"
#include "cursor.h"
#include "engine.h"
#include "types.h"

/* Limits of one vTPM; together they bound its memory. */
#define VTPM2_MAX_OBJECTS	8	/* transient objects and sequences */
#define VTPM2_MAX_PERSISTENT	32
#define VTPM2_MAX_PRIMARIES	128	/* remembered primaries */
#define VTPM2_MAX_SESSIONS	8	/* loaded */
#define VTPM2_MAX_ACTIVE	64	/* loaded and saved sessions */
#define VTPM2_ACTIVE_LOADED	(~0ULL)
#define VTPM2_CONTEXT_GAP	0xffff	/* TPM_PT_CONTEXT_GAP_MAX */
#define VTPM2_MAX_NV		64	/* indices */
#define VTPM2_MAX_NV_SIZE	2048	/* bytes in one index */
#define VTPM2_MAX_NV_TOTAL	65536	/* bytes in all indices */
#define VTPM2_MAX_NV_BUFFER	1024	/* bytes in one NV command */
#define VTPM2_MAX_BUFFER	1024	/* TPM2B_MAX_BUFFER */
/*
 * The low bits of an orderly counter may be lost with power: a disorderly
 * startup sets them all (Part 1, 37.7.2). Of Clock may be lost what came after
 * the last multiple of so many milliseconds (Part 1, 36.3.2): writing more
 * often would wear out what the vTPMs of a busy host are stored on.
 */
#define VTPM2_ORDERLY_COUNT	0xff
#define VTPM2_CLOCK_UPDATE	65536
#define VTPM2_MAX_CAP_BUFFER	1024
#define VTPM2_MAX_SYM_DATA	128
#define VTPM2_MAX_LABEL		32
#define VTPM2_MAX_COMMITS	128	/* a power of two */
#define VTPM2_MAX_NAME		(2 + VTPM2_MAX_DIGEST)
#define VTPM2_MAX_DATA		(2 + VTPM2_MAX_DIGEST)	/* TPM2B_DATA */
#define VTPM2_MAX_PRIVATE	1540	/* TPM2B_PRIVATE contents */
#define VTPM2_MAX_CONTEXT	3072	/* contextBlob */
#define VTPM2_MAX_PUBLIC	640	/* TPMT_PUBLIC: RSA-4096 and a policy */
#define VTPM2_MAX_IMAGE		2816	/* vtpm2_object_write() */
#define VTPM2_PCRS		24
#define VTPM2_BANKS		4
#define VTPM2_HASH_ALGS		VTPM2_BANKS
#define VTPM2_CONTEXT_HASH	TPM2_ALG_SHA512
#define VTPM2_TICKET_HASH	TPM2_ALG_SHA256
#define VTPM2_PROOF_SIZE	64
#define VTPM2_AUTH_MAX		VTPM2_MAX_DIGEST

/**
 * struct vtpm2_mark - how what a record is about stands to the store (txn.c)
 * @stored: the store has a record of it
 * @change: what is there and not in that record
 */
struct vtpm2_mark {
	bool stored;
	enum vtpm2_change {
		VTPM2_UNCHANGED,
		VTPM2_CHANGED_ORDERLY,	/* may be lost but by TPM2_Shutdown */
		VTPM2_CHANGED,
	} change;
};

/* A TPM2B of digest size: digests, auth values, nonces. */
struct vtpm2_digest {
	u16 len;
	u8 buf[VTPM2_MAX_DIGEST];
};

struct vtpm2_name {
	u16 len;
	u8 buf[VTPM2_MAX_NAME];
};

/* TPMT_SYM_DEF(_OBJECT). XOR: @bits is the hash algorithm, @mode 0. */
struct vtpm2_sym {
	u16 alg;
	u16 bits;
	u16 mode;
};

/* Any TPMT_*_SCHEME: @hash where the scheme has one, else TPM2_ALG_NULL. */
struct vtpm2_scheme {
	u16 alg;
	u16 hash;
	u16 count;	/* ECDAA */
	u16 kdf;	/* XOR */
};

/* TPMT_PUBLIC (Part 2, 12.2.4), flat. */
struct vtpm2_public {
	u16 type;
	u16 name_alg;
	u32 attrs;
	struct vtpm2_digest policy;
	struct vtpm2_sym sym;		/* of a parent, or a SYMCIPHER's */
	struct vtpm2_scheme scheme;	/* RSA, ECC, KEYEDHASH */
	u16 bits;			/* RSA */
	u32 exponent;			/* RSA, 0 = 65537 */
	u16 curve;			/* ECC */
	struct vtpm2_scheme kdf;	/* ECC */
	u16 x_len, y_len;
	u8 x[VTPM2_MAX_RSA];		/* modulus, digest, or the point's x */
	u8 y[VTPM2_MAX_ECC];
};

/* TPMT_SENSITIVE; @data by the object's class. */
struct vtpm2_sensitive {
	struct vtpm2_digest auth;
	struct vtpm2_digest seed;
	u16 data_len;
	u8 data[VTPM2_MAX_RSA / 2];	/* prime, scalar, key or sealed data */
};

enum vtpm2_class {
	VTPM2_CLASS_SOFTWARE,	/* sens.data is the private part */
	VTPM2_CLASS_HARDWARE,	/* shadow is a key in the chip, no sens.data */
	VTPM2_CLASS_SEALED,	/* sens.data is encrypted: sealing.c */
};

struct vtpm2_seq;

/**
 * struct vtpm2_object - a key, data object or sequence with a handle
 * @handle: transient or persistent handle
 * @hierarchy: TPM2_RH_OWNER, _ENDORSEMENT, _PLATFORM or _NULL
 * @class: where the private part is
 * @public_only: no private part at all
 * @external: came by LoadExternal
 * @primary: made by CreatePrimary (its ContextSave keeps that)
 * @stclear: object or an ancestor has stClear: gone at the next Startup(CLEAR)
 * @seq: a hash, MAC or event sequence: then all but @handle and sens.auth is
 *	unused, and the name is empty
 * @pub: public area
 * @sens: sensitive area
 * @name: name
 * @qname: qualified name
 * @shadow: of class "hardware": its key in the chip
 * @mark: of a persistent object
 */
struct vtpm2_object {
	u32 handle;
	u32 hierarchy;
	enum vtpm2_class class;
	bool public_only;
	bool external;
	bool primary;
	bool stclear;
	struct vtpm2_seq *seq;
	struct vtpm2_public pub;
	struct vtpm2_sensitive sens;
	struct vtpm2_name name;
	struct vtpm2_name qname;	/* qualified name */
	struct vtpm2_shadow shadow;
	struct vtpm2_mark mark;
};

/* A running HMAC (hmac.c) */
struct vtpm2_hmac {
	struct vtpm2_hash inner;
	u8 opad[VTPM2_MAX_HASH_BLOCK];
};

/* A running CMAC (cmac.c); @used bytes of @block wait for being encrypted. */
struct vtpm2_cmac {
	u16 bits;
	u8 used;
	u8 key[VTPM2_MAX_AES_KEY];
	u8 block[VTPM2_AES_BLOCK];
};

/* Either (mac.c); @alg is TPM2_ALG_CMAC, or HMAC's hash algorithm. */
struct vtpm2_mac {
	u16 alg;
	union {
		struct vtpm2_hmac hmac;
		struct vtpm2_cmac cmac;
	};
};

/**
 * struct vtpm2_seq - a sequence (Part 1, 32.3)
 * @is_mac: @mac is in use, else @hash
 * @is_event: HashSequenceStart with TPM_ALG_NULL: every bank's digest at once
 * @started: the first buffer has come
 * @safe: that buffer showed that the data does not begin with
 *	TPM_GENERATED_VALUE: a ticket may be given
 * @hash: the running digest, or each bank's for an event
 * @mac: the running MAC
 */
struct vtpm2_seq {
	bool is_mac;
	bool is_event;
	bool started;
	bool safe;
	union {
		struct vtpm2_hash hash[VTPM2_BANKS];	/* not event: [0] */
		struct vtpm2_mac mac;
	};
};

/*
 * struct vtpm2_session - an authorization session (Part 1, 17 to 19)
 */
struct vtpm2_session {
	u32 handle;
	u8 type;			/* TPM2_SE_* */
	u8 attrs;			/* of the command being executed */
	u16 hash;
	struct vtpm2_sym sym;
	struct vtpm2_digest key;	/* sessionKey */
	struct vtpm2_digest nonce_tpm;
	u64 context_id;			/* of the last save */
	/* HMAC sessions */
	bool bound;
	struct vtpm2_digest bind;	/* H(name, auth) of the bound entity */
	/* any session started with a bind entity */
	bool da_bound;			/* that has dictionary attack protection */
	bool lockout_bound;		/* that is TPM_RH_LOCKOUT */
	/* audit sessions */
	bool audit;
	struct vtpm2_digest audit_digest;
	/* policy sessions */
	struct vtpm2_digest policy;
	u32 policy_cc;
	u8 policy_locality;
	bool need_auth;			/* PolicyAuthValue */
	bool need_password;		/* PolicyPassword */
	bool need_pp;
	bool check_written, written;	/* PolicyNvWritten */
	bool template_set;		/* @cp_hash holds a template hash */
	bool name_hash_set;		/* @cp_hash holds a name hash */
	bool cp_hash_set;
	struct vtpm2_digest cp_hash;
	bool pcr_checked;		/* PolicyPCR: @pcr_counter must hold */
	u32 pcr_counter;
	u64 start_time;			/* ms of TPM time */
	u64 timeout;			/* ms of TPM time, 0 = none */
	u32 epoch;			/* time epoch of @start_time */
};

/* Changed by vtpm2_nv_change() alone; hence const wherever it is looked at. */
struct vtpm2_nv {
	struct vtpm2_mark mark;
	u32 index;
	u16 name_alg;
	u32 attrs;
	struct vtpm2_digest policy;
	struct vtpm2_digest auth;
	u16 size;
	u8 data[];
};

struct vtpm2_hierarchy {
	bool enabled;
	u16 policy_alg;
	struct vtpm2_digest policy;
	struct vtpm2_digest auth;
	u8 proof[VTPM2_PROOF_SIZE];
};

enum {
	VTPM2_NULL, VTPM2_OWNER, VTPM2_ENDORSEMENT, VTPM2_PLATFORM,
	VTPM2_HIERARCHIES
};

struct vtpm2_primary;
struct vtpm2_txn;

/* A set of commands: bit n stands for the code VTPM2_CC_SET_FIRST + n. */
#define VTPM2_CC_SET_FIRST	0x100
#define VTPM2_CC_SET_LAST	0x1ff

struct vtpm2_cc_set {
	u8 bits[(VTPM2_CC_SET_LAST - VTPM2_CC_SET_FIRST) / 8 + 1];
};

/* What TPM2_Startup was, together with the TPM2_Shutdown before (startup.c). */
enum vtpm2_start {
	VTPM2_RESET,
	VTPM2_RESTART,
	VTPM2_RESUME,
};

/**
 * struct vtpm2_sealing - what objects of class "sealed" are under (sealing.c)
 * @shadow: the key as the chip has sealed it; empty until it is first needed.
 *	Then it stays for the vTPM's life: permanent state, that has to be as
 *	durable as the objects that TPM2_Create makes with it
 * @key: the key, for a while
 * @ready: @key is there
 * @used: it was used since vtpm2_needs_rest()
 */
struct vtpm2_sealing {
	struct vtpm2_shadow shadow;
	u8 key[32];
	bool ready;
	bool used;
};

/*
 * struct vtpm2 - one virtual TPM
 *
 * A command that fails can be undone: txn.c keeps a copy of this, and what its
 * pointers point to is replaced, not changed. A new member must have its line in
 * state_core.c or state_volatile.c, or it does not survive.
 */
struct vtpm2 {
	struct vtpm2_config config;
	struct vtpm2_txn *txn;

	u8 shadow_key[32];		/* for life: private.c */
	struct vtpm2_sealing sealing;

	/* power and start (startup.c) */
	bool powered;
	bool started;
	bool orderly;			/* a valid Shutdown was before Startup */
	bool shutdown_valid;		/* Shutdown done, nothing changed since */
	u16 shutdown_type;
	u8 startup_locality;		/* 4: there was an H-CRTM event */
	bool ph_enable_nv;
	u16 failed_alg;			/* failure mode, unless TPM2_ALG_ERROR */

	/* platform (platform.c); non-volatile, but for @presence */
	bool presence;			/* the host asserts physical presence */
	struct vtpm2_cc_set pp_commands;
	u32 algorithm_set;

	/* hierarchies (hierarchy.c) */
	struct vtpm2_hierarchy hier[VTPM2_HIERARCHIES];
	struct vtpm2_digest lockout_auth;
	struct vtpm2_digest lockout_policy;
	u16 lockout_policy_alg;
	bool disable_clear;
	const struct vtpm2_primary *primaries[VTPM2_MAX_PRIMARIES];
	unsigned int primary_count;
	u64 primary_use;		/* a count, for the least recently used */

	/* commitments (commit.c) */
	u8 commit_key[32];
	u64 commit_count;		/* of the next one */
	u64 commits[VTPM2_MAX_COMMITS];	/* count + 1 of a usable one, or 0 */
	/* the chip's count + 1 of one that the chip has made, or 0 */
	u32 chip_commits[VTPM2_MAX_COMMITS];

	/* clock (clock.c) */
	u64 clock_base;			/* Clock at the last update, ms */
	u64 clock_durable;		/* what it goes on from without power */
	u64 time_base;			/* Time at the last update, ms */
	u64 clock_ktime;		/* boottime of the last update, ns */
	u32 clock_rest;			/* ns that are no whole ms yet */
	s32 clock_rate;			/* TPM2_ClockRateAdjust */
	u32 reset_count;
	u32 restart_count;
	bool clock_safe;
	u32 time_epoch;

	/* dictionary attack (da.c) */
	u32 failed_tries;
	u32 max_tries;
	u32 recovery_time;		/* s */
	u32 lockout_recovery;		/* s */
	bool lockout_auth_enabled;
	bool da_used;			/* protected auth used since Shutdown */
	u64 self_heal_time;		/* TPM time ms of the last decrement */
	u64 lockout_time;
	u64 shutdown_time;		/* of TPM2_Shutdown, as the two above */
	u32 healed;			/* failures that the store still counts */
	bool lockout_healed;		/* the store has lockoutAuth disabled */

	/* PCRs (pcr.c) */
	/*
	 * Allocation, a mask of PCRs for each bank: non-volatile. At the next
	 * _TPM_Init it becomes @pcr_next; @pcr_pending says that it was asked
	 * to since the last one.
	 */
	u32 pcr_alloc[VTPM2_BANKS];
	u32 pcr_next[VTPM2_BANKS];
	bool pcr_pending;
	u32 pcr_counter;
	/* of the PCRs of the one group (pcr_auth.c) */
	struct vtpm2_digest pcr_auth;	/* saved by TPM2_Shutdown(STATE) */
	u16 pcr_policy_alg;		/* non-volatile, as is the policy */
	struct vtpm2_digest pcr_policy;
	/* an event sequence of the host (drtm.c); volatile */
	bool drtm_active;
	bool established;		/* one has ended, ever; non-volatile */
	struct vtpm2_hash drtm[VTPM2_BANKS];
	bool hcrtm;			/* there was one before TPM2_Startup */
	u8 hcrtm_digest[VTPM2_BANKS][VTPM2_MAX_DIGEST];
	u8 pcr[VTPM2_BANKS][VTPM2_PCRS][VTPM2_MAX_DIGEST];

	/* objects (object.c); handle = FIRST + slot */
	struct vtpm2_object *objects[VTPM2_MAX_OBJECTS];
	struct vtpm2_object *persistent[VTPM2_MAX_PERSISTENT];	/* by handle */
	unsigned int persistent_count;
	u64 object_context_id;
	u8 context_key[32];		/* new at every reset (context.c) */
	u64 clear_count;		/* TPM Restarts since the last Reset */

	/* sessions (session.c) */
	struct vtpm2_session *sessions[VTPM2_MAX_SESSIONS];
	/* 0 = free, else context id of a saved one, or VTPM2_ACTIVE_LOADED */
	u64 active[VTPM2_MAX_ACTIVE];
	u64 session_context_id;
	u32 exclusive_audit;		/* handle, 0 = none */

	/* NV (nv.c) */
	const struct vtpm2_nv *nv[VTPM2_MAX_NV];	/* by index, ascending */
	unsigned int nv_count;
	unsigned int nv_bytes;
	u64 nv_counter_max;		/* highest value of any deleted counter */

	/*
	 * Command audit (audit.c). Non-volatile, but for the digest: that is
	 * saved by TPM2_Shutdown(STATE) and lost at a TPM Reset.
	 */
	u16 audit_alg;
	u64 audit_counter;
	struct vtpm2_cc_set audit_commands;
	struct vtpm2_digest audit_digest;	/* empty: nothing audited yet */
};

/* --- exec.c --- */

/* An empty vTPM: nothing manufactured. NULL: no memory, or no such @config. */
struct vtpm2 *vtpm2_alloc(const struct vtpm2_config *config);

/* --- commands.c: the command table --- */

struct vtpm2_cmd;

enum vtpm2_handle_type {
	VTPM2_H_NONE,
	VTPM2_H_OBJECT,		/* TPMI_DH_OBJECT, no sequence */
	VTPM2_H_OBJECT_NULL,	/* ... or TPM_RH_NULL */
	VTPM2_H_SEQUENCE,	/* TPMI_DH_OBJECT that must be a sequence */
	VTPM2_H_ENTITY,		/* TPMI_DH_ENTITY */
	VTPM2_H_ENTITY_NULL,
	VTPM2_H_PARENT,		/* TPMI_DH_PARENT: object or hierarchy */
	VTPM2_H_CONTEXT,	/* TPMI_DH_CONTEXT: session or transient */
	VTPM2_H_PCR,		/* TPMI_DH_PCR */
	VTPM2_H_PCR_NULL,
	VTPM2_H_HMAC_SESSION,	/* TPMI_SH_HMAC */
	VTPM2_H_POLICY,		/* TPMI_SH_POLICY, trial too */
	VTPM2_H_HIERARCHY,	/* TPMI_RH_HIERARCHY: owner, endorsement, platform, null */
	VTPM2_H_BASE_HIERARCHY,	/* owner, endorsement, platform */
	VTPM2_H_HIERARCHY_AUTH,	/* owner, endorsement, platform, lockout */
	VTPM2_H_PLATFORM,
	VTPM2_H_ENDORSEMENT,
	VTPM2_H_PROVISION,	/* owner, platform */
	VTPM2_H_CLEAR,		/* lockout, platform */
	VTPM2_H_LOCKOUT,
	VTPM2_H_NV_AUTH,	/* platform, owner, NV index */
	VTPM2_H_NV_INDEX,
};

enum vtpm2_role {
	VTPM2_AUTH_NONE,
	VTPM2_AUTH_USER,
	VTPM2_AUTH_ADMIN,
	VTPM2_AUTH_DUP,
};

#define VTPM2_CMD_NV		0x01	/* may write NV */
#define VTPM2_CMD_EXTENSIVE	0x02
#define VTPM2_CMD_FLUSHED	0x04
#define VTPM2_CMD_NO_SESSIONS	0x08	/* TPM_ST_SESSIONS is refused */
#define VTPM2_CMD_BEFORE_STARTUP 0x10	/* TPM2_Startup itself */
#define VTPM2_CMD_R_HANDLE	0x20	/* returns a handle */
#define VTPM2_CMD_PP		0x40	/* may need physical presence */
#define VTPM2_CMD_ANY_TIME	0x80	/* before TPM2_Startup as well as after */
#define VTPM2_CMD_FAILED	0x100	/* in failure mode as well */

/**
 * struct vtpm2_command - one command of Part 3
 * @code: TPM_CC
 * @flags: VTPM2_CMD_*
 * @handle: types of the handles in the handle area
 * @role: authorization role that each handle needs
 * @in: layout of the parameters, one letter each (see commands.c)
 * @out: layout of the response parameters
 * @name: as in Part 3
 * @fn: the handler
 *
 * The letters drive parameter encryption (a first parameter that is a TPM2B
 * may be encrypted), TPM2_GetCapability, and the fuzzer's dictionary.
 */
struct vtpm2_command {
	u32 code;
	u16 flags;
	u8 handle[3];
	u8 role[3];
	const char *in;
	const char *out;
	const char *name;
	u32 (*fn)(struct vtpm2 *t, struct vtpm2_cmd *c);
};

extern const struct vtpm2_command vtpm2_commands[];
const struct vtpm2_command *vtpm2_command_find(u32 cc);
unsigned int vtpm2_command_handles(const struct vtpm2_command *def);
u32 vtpm2_command_attributes(const struct vtpm2_command *def); /* TPMA_CC */
/* Is the first (response) parameter a TPM2B? */
bool vtpm2_layout_sized(const char *layout);

/* --- ccset.c --- */

bool vtpm2_cc_set_has(const struct vtpm2_cc_set *set, u32 cc);
void vtpm2_cc_set_change(struct vtpm2_cc_set *set, u32 cc, bool member);
/* TPML_CC, in place: four bytes for each code. */
struct vtpm2_bytes vtpm2_rd_ccs(struct vtpm2_rd *rd);

/* --- exec.c: one command --- */

/* One session of the authorization area. */
struct vtpm2_auth {
	u32 handle;			/* TPM2_RS_PW or a session's */
	struct vtpm2_session *session;	/* NULL for TPM2_RS_PW */
	u8 attrs;
	struct vtpm2_bytes nonce;	/* nonceCaller */
	struct vtpm2_bytes hmac;	/* or the password */
	bool use_auth;			/* the auth value is part of the HMAC key */
};

/**
 * struct vtpm2_cmd - the command being executed
 * @def: its row
 * @locality: 0..4
 * @handle: handle area
 * @obj: object of each handle that names one, else NULL
 * @nv: index of each handle that names one, else NULL
 * @ses: session of each handle that names a loaded one, else NULL
 * @nauth: authorizations in @auth
 * @auth: authorization area
 * @in: parameters
 * @out: response parameters
 * @rsp_handle: handle to return (VTPM2_CMD_R_HANDLE)
 * @cp: parameter bytes as received (encrypted parts decrypted in place)
 * @audit_cp: cpHash for the audit session, if there is one
 * @authorized: every authorization that it needs was there
 * @audited: the command is one of those that are audited (audit.c)
 * @command_cp: cpHash for that audit
 */
struct vtpm2_cmd {
	const struct vtpm2_command *def;
	u8 locality;
	u32 handle[3];
	struct vtpm2_object *obj[3];
	const struct vtpm2_nv *nv[3];
	struct vtpm2_session *ses[3];
	unsigned int nauth;
	struct vtpm2_auth auth[3];
	struct vtpm2_bytes cp;
	struct vtpm2_digest audit_cp;
	bool authorized;
	bool audited;
	struct vtpm2_digest command_cp;
	struct vtpm2_rd in;
	struct vtpm2_wr out;
	u32 rsp_handle;
};

/* The cursor, set to the next parameter: errors are numbered by it. */
struct vtpm2_rd *vtpm2_param(struct vtpm2_cmd *c);
/* All read? Sticky error, TPM_RC_SIZE for trailing bytes, or 0. */
u32 vtpm2_done(struct vtpm2_cmd *c);

/* --- auth.c: authorization area of commands and responses (Part 1, 19) --- */

/*
 * Parse the authorization area into c->auth; @rd covers it exactly. Then
 * check every authorization, decrypt the first parameter if asked for.
 */
u32 vtpm2_auth_parse(struct vtpm2 *t, struct vtpm2_cmd *c, struct vtpm2_rd *rd);
u32 vtpm2_auth_check(struct vtpm2 *t, struct vtpm2_cmd *c);
/*
 * After success: encrypt the first response parameter if asked for, append the
 * response sessions to @wr (which holds handle, parameterSize and parameters;
 * @params is where the parameters begin), update audit, flush sessions without
 * continueSession.
 */
void vtpm2_auth_response(struct vtpm2 *t, struct vtpm2_cmd *c,
			 struct vtpm2_wr *wr, size_t params, size_t params_len);
/* cpHash (Part 1, 16.7) of the command under execution. */
void vtpm2_cp_hash(struct vtpm2 *t, const struct vtpm2_cmd *c, u16 alg,
		   struct vtpm2_digest *out);
/* What authorization @i of @c is for: a handle, or TPM2_RH_UNASSIGNED. */
u32 vtpm2_auth_handle(const struct vtpm2_cmd *c, unsigned int i);
/* Index of the session with attribute @attr, or -1. */
int vtpm2_auth_index(const struct vtpm2_cmd *c, u8 attr);
/* sessionKey, then the entity's auth value if @with_auth; returns the length. */
#define VTPM2_AUTH_KEY_SIZE	(2 * VTPM2_MAX_DIGEST)
size_t vtpm2_auth_key(struct vtpm2 *t, const struct vtpm2_cmd *c,
		      unsigned int i, bool with_auth, u8 *key);

/* --- auth_policy.c --- */

/* Must authorization @i be by policy? May it? */
bool vtpm2_auth_policy_required(struct vtpm2 *t, const struct vtpm2_cmd *c,
				unsigned int i);
bool vtpm2_auth_policy_usable(struct vtpm2 *t, const struct vtpm2_cmd *c,
			      unsigned int i);
/* Is the policy session of authorization @i satisfied? Unnumbered code. */
u32 vtpm2_auth_policy_check(struct vtpm2 *t, const struct vtpm2_cmd *c,
			    unsigned int i);

/* --- param.c: encryption of the first parameter (Part 1, 21) --- */

u32 vtpm2_param_decrypt(struct vtpm2 *t, struct vtpm2_cmd *c);
/* @p: the response parameters */
u32 vtpm2_param_encrypt(struct vtpm2 *t, const struct vtpm2_cmd *c, u8 *p,
			size_t len);

/* --- session.c --- */

struct vtpm2_session *vtpm2_session_find(struct vtpm2 *t, u32 handle);
bool vtpm2_session_saved(const struct vtpm2 *t, u32 handle);
void vtpm2_session_flush(struct vtpm2 *t, struct vtpm2_session *s);
/* Flush by handle, loaded or saved: TPM_RC_HANDLE if neither. */
u32 vtpm2_session_flush_handle(struct vtpm2 *t, u32 handle);
/* Loaded and saved ones: at TPM Reset, at destroy. */
void vtpm2_session_flush_all(struct vtpm2 *t);
/* A loaded session by its index alone, whatever the type in @handle. */
struct vtpm2_session *vtpm2_session_find_index(struct vtpm2 *t, u32 handle);
void vtpm2_session_start_time(struct vtpm2 *t, struct vtpm2_session *s);
void vtpm2_session_policy_reset(struct vtpm2_session *s);
/* Is @s an HMAC session that is bound to @handle as it is now? */
bool vtpm2_session_is_bound(struct vtpm2 *t, const struct vtpm2_session *s,
			    u32 handle);
u32 vtpm2_session_save(struct vtpm2 *t, struct vtpm2_session *s,
		       struct vtpm2_wr *wr, u64 *context_id);
u32 vtpm2_session_load(struct vtpm2 *t, u32 handle, u64 context_id,
		       struct vtpm2_rd *rd);
void vtpm2_session_write(struct vtpm2_wr *wr, const struct vtpm2_session *s);
void vtpm2_session_read(struct vtpm2_rd *rd, struct vtpm2_session *s);
unsigned int vtpm2_session_loaded_count(const struct vtpm2 *t);
unsigned int vtpm2_session_active_count(const struct vtpm2 *t);

/* --- policy.c, compare.c --- */

/* policyDigest = H(policyDigest || @cc || @parts...); @n of 3 at most */
void vtpm2_policy_extend(struct vtpm2_session *s, u32 cc,
			 const struct vtpm2_bytes *parts, unsigned int n);
/* PolicyUpdate (Part 3, 23.2.3), and what the assertion ties the session to. */
void vtpm2_policy_update(struct vtpm2_session *s, u32 cc,
			 struct vtpm2_bytes name, struct vtpm2_bytes ref,
			 struct vtpm2_bytes cp_hash, u64 timeout);
/* Is @op a TPM_EO? */
bool vtpm2_compare_valid(u16 op);
/* @a @op @b (Part 2, 6.13) of @len bytes each */
bool vtpm2_compare(u16 op, const u8 *a, const u8 *b, size_t len);

/* --- entity.c: what a handle names (Part 1, 13 and 16) --- */

/* May a handle of this type have this value at all (Part 2, 9)? */
bool vtpm2_entity_type_ok(enum vtpm2_handle_type type, u32 h);
/* What handle @i of @c names, of a value that is ok; complete response code. */
u32 vtpm2_entity_resolve(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i);
void vtpm2_entity_name(struct vtpm2 *t, u32 handle, struct vtpm2_name *name);
/* Auth value without trailing zeroes; empty for what has none. */
const struct vtpm2_digest *vtpm2_entity_auth(struct vtpm2 *t, u32 handle);
/* authPolicy; returns its hash algorithm, TPM2_ALG_NULL if there is none. */
u16 vtpm2_entity_policy(struct vtpm2 *t, u32 handle,
			const struct vtpm2_digest **policy);
/* Is the auth value (not a policy) good enough for @role, by attributes? */
bool vtpm2_entity_auth_usable(struct vtpm2 *t, struct vtpm2_cmd *c,
			      unsigned int i);
/* Is an authorization failure counted, and refused in lockout? */
bool vtpm2_entity_da(struct vtpm2 *t, u32 handle);

/* --- da.c: dictionary attack (Part 1, 19.8) --- */

/*
 * 0 or TPM_RC_LOCKOUT for using the auth value of @handle now. Every handle
 * other than TPM_RH_LOCKOUT counts as DA protected here: callers ask
 * vtpm2_entity_da(), or the session's da_bound, first.
 */
u32 vtpm2_da_check(struct vtpm2 *t, u32 handle);
void vtpm2_da_failed(struct vtpm2 *t, u32 handle);
/* Self-healing by elapsed time; called before every command. */
void vtpm2_da_tick(struct vtpm2 *t);
bool vtpm2_da_in_lockout(struct vtpm2 *t);
void vtpm2_da_reset(struct vtpm2 *t);		/* TPM2_Clear, manufacture */
void vtpm2_da_settle(struct vtpm2 *t);		/* what has healed, has for good */
void vtpm2_da_power_on(struct vtpm2 *t);	/* before vtpm2_clock_power_on() */
void vtpm2_da_startup(struct vtpm2 *t, bool orderly);

/* --- digest.c, hmac.c, cmac.c, kdf.c, sym.c --- */

void vtpm2_hmac_init(struct vtpm2_hmac *h, u16 alg, const void *key,
		     size_t len);
void vtpm2_hmac_update(struct vtpm2_hmac *h, const void *data, size_t len);
void vtpm2_hmac_final(struct vtpm2_hmac *h, u8 *mac);
/* @key of @bits for AES; -EINVAL for another size */
int vtpm2_cmac_init(struct vtpm2_cmac *c, u16 bits, const u8 *key);
void vtpm2_cmac_update(struct vtpm2_cmac *c, const u8 *data, size_t len);
/* Writes VTPM2_AES_BLOCK bytes to @mac and wipes @c. */
void vtpm2_cmac_final(struct vtpm2_cmac *c, u8 *mac);
/* KDFa, KDFe (Part 1, 11.4.10). @out is (bits + 7) / 8 bytes. */
void vtpm2_kdfa(u16 alg, const void *key, size_t key_len, const char *label,
		const void *u, size_t u_len, const void *v, size_t v_len,
		u32 bits, u8 *out);
void vtpm2_kdfe(u16 alg, const void *z, size_t z_len, const char *label,
		const void *u, size_t u_len, const void *v, size_t v_len,
		u32 bits, u8 *out);
/* What a derived object is made of (Part 1, 28.4): the first @len bytes of it */
void vtpm2_kdfa_derive(u16 alg, struct vtpm2_bytes key,
		       struct vtpm2_bytes label, struct vtpm2_bytes context,
		       u8 *out, size_t len);
/* AES-CFB in place. @iv of 16 bytes, NULL for zeroes; not changed. */
int vtpm2_cfb_encrypt(const u8 *key, u16 bits, const u8 *iv, u8 *data,
		      size_t len);
int vtpm2_cfb_decrypt(const u8 *key, u16 bits, const u8 *iv, u8 *data,
		      size_t len);
/*
 * AES in the mode that @sym names, in place; @iv is left as the next block
 * would need it. -EINVAL for a partial block in a mode that has none.
 */
int vtpm2_sym_crypt(const struct vtpm2_sym *sym, const u8 *key, u8 *iv,
		    u8 *data, size_t len, bool decrypt);
/* Is it a mode for encryption? Does it take whole blocks only? */
bool vtpm2_sym_mode_valid(u16 mode);
bool vtpm2_sym_mode_whole(u16 mode);
/* XOR obfuscation (Part 1, 11.4.7.3) in place. */
void vtpm2_xor(u16 alg, const void *key, size_t key_len, const void *n1,
	       size_t n1_len, const void *n2, size_t n2_len, u8 *data,
	       size_t len);
/* H(a || b || ...) convenience over an array of views. */
void vtpm2_hash_parts(u16 alg, const struct vtpm2_bytes *parts, unsigned int n,
		      struct vtpm2_digest *out);

/* --- unmarshal.c: small TPMI and TPMT types --- */

u16 vtpm2_rd_hash_alg(struct vtpm2_rd *rd, bool null_ok);
void vtpm2_rd_digest(struct vtpm2_rd *rd, struct vtpm2_digest *d);
/* TPM2B_AUTH: trailing zeroes removed (Part 1, 17.6.4.3). */
void vtpm2_rd_auth(struct vtpm2_rd *rd, struct vtpm2_digest *d);
void vtpm2_rd_name(struct vtpm2_rd *rd, struct vtpm2_name *name);
void vtpm2_rd_sym_def(struct vtpm2_rd *rd, struct vtpm2_sym *s, bool null_ok);
void vtpm2_rd_sym_def_object(struct vtpm2_rd *rd, struct vtpm2_sym *s,
			     bool null_ok);
bool vtpm2_sig_scheme_valid(u16 alg);
void vtpm2_rd_sig_scheme(struct vtpm2_rd *rd, struct vtpm2_scheme *s,
			 bool null_ok);
void vtpm2_rd_rsa_decrypt(struct vtpm2_rd *rd, struct vtpm2_scheme *s,
			  bool null_ok);
u32 vtpm2_rd_hierarchy(struct vtpm2_rd *rd);	/* TPMI_RH_HIERARCHY+ */
void vtpm2_wr_digest(struct vtpm2_wr *wr, const struct vtpm2_digest *d);
void vtpm2_wr_name(struct vtpm2_wr *wr, const struct vtpm2_name *name);
void vtpm2_wr_sym(struct vtpm2_wr *wr, const struct vtpm2_sym *s);
void vtpm2_wr_scheme(struct vtpm2_wr *wr, const struct vtpm2_scheme *s);
/* Drop trailing zeroes of an auth value. */
void vtpm2_trim_auth(struct vtpm2_digest *d);

/* --- public.c --- */

/* TPMT_PUBLIC; unique may have any size that the type allows. */
void vtpm2_rd_public(struct vtpm2_rd *rd, struct vtpm2_public *pub);
/* Everything in front of unique. */
void vtpm2_rd_public_head(struct vtpm2_rd *rd, struct vtpm2_public *pub);
/* TPM2B_PUBLIC: empty is TPM_RC_SIZE. */
void vtpm2_rd_2b_public(struct vtpm2_rd *rd, struct vtpm2_public *pub);
/* ... whose nameAlg may be TPM_ALG_NULL (TPM2_LoadExternal). */
void vtpm2_rd_2b_public_external(struct vtpm2_rd *rd, struct vtpm2_public *pub);
/* TPMT_PUBLIC_PARMS (TPM2_TestParms): fills pub->type and its parameters. */
void vtpm2_rd_public_parms(struct vtpm2_rd *rd, struct vtpm2_public *pub);
void vtpm2_wr_public(struct vtpm2_wr *wr, const struct vtpm2_public *pub);
void vtpm2_wr_2b_public(struct vtpm2_wr *wr, const struct vtpm2_public *pub);
void vtpm2_public_name(const struct vtpm2_public *pub, struct vtpm2_name *name);
bool vtpm2_public_is_parent(const struct vtpm2_public *pub);
bool vtpm2_public_is_storage(const struct vtpm2_public *pub);
bool vtpm2_public_is_derivation(const struct vtpm2_public *pub);
bool vtpm2_public_asymmetric(const struct vtpm2_public *pub);

/* --- pubcheck.c --- */

/*
 * Attribute and scheme consistency (Part 2, 8.3; Part 1, 27) for creation
 * (@load false) or loading under @parent (NULL: primary or external).
 * Unnumbered response code.
 */
u32 vtpm2_public_check(const struct vtpm2_public *pub,
		       const struct vtpm2_object *parent, bool load);
/* Is the public key itself sound: point on curve, modulus of its size? */
u32 vtpm2_public_check_unique(const struct vtpm2_public *pub);
/* The part of it for objects that have no attributes to defend. */
u32 vtpm2_public_check_scheme(const struct vtpm2_public *pub,
			      const struct vtpm2_object *parent);
/* Creation: also, where the sensitive data (@data_len bytes) comes from. */
u32 vtpm2_public_check_create(const struct vtpm2_public *pub,
			      const struct vtpm2_object *parent,
			      size_t data_len);
/*
 * Do both areas belong together? May pad a scalar. Complete code; the private
 * area is parameter @param, the public one parameter 2.
 */
u32 vtpm2_public_check_pair(const struct vtpm2_public *pub,
			    struct vtpm2_sensitive *sens, unsigned int param);
/* unique of a KEYEDHASH or SYMCIPHER object */
void vtpm2_public_unique(const struct vtpm2_public *pub,
			 const struct vtpm2_digest *seed,
			 struct vtpm2_bytes data, struct vtpm2_digest *out);

/* --- object.c --- */

struct vtpm2_object *vtpm2_object_find(struct vtpm2 *t, u32 handle);
/* A zeroed object, not in the table yet; NULL: no memory. */
struct vtpm2_object *vtpm2_object_alloc(void);
/* Wipe and free; NULL allowed. */
void vtpm2_object_free(struct vtpm2_object *obj);
/* Is there a transient slot left? 0 or TPM_RC_OBJECT_MEMORY. */
u32 vtpm2_object_room(struct vtpm2 *t);
/* Put into a transient slot, sets obj->handle. The table owns it then. */
u32 vtpm2_object_insert(struct vtpm2 *t, struct vtpm2_object *obj);
/* Remove a transient object from its slot, wipe and free. */
void vtpm2_object_flush(struct vtpm2 *t, struct vtpm2_object *obj);
/* Flush every transient object of a hierarchy (0: all); for Clear, Startup. */
void vtpm2_object_flush_hierarchy(struct vtpm2 *t, u32 hierarchy);
void vtpm2_object_evict_hierarchy(struct vtpm2 *t, u32 hierarchy);
/* hierarchy and stclear, from pub and @parent. */
void vtpm2_object_set_parent(struct vtpm2_object *obj,
			     const struct vtpm2_object *parent);
/* name and qname from pub and the parent's qname (NULL: hierarchy's). */
void vtpm2_object_set_names(struct vtpm2_object *obj,
			    const struct vtpm2_object *parent);
unsigned int vtpm2_object_count(const struct vtpm2 *t);
u32 vtpm2_object_insert_persistent(struct vtpm2 *t, struct vtpm2_object *obj);
/* A persistent copy of @obj; TPM_RC_NV_DEFINED, TPM_RC_NV_SPACE. */
u32 vtpm2_object_persist(struct vtpm2 *t, const struct vtpm2_object *obj,
			 u32 handle);
/* Remove a persistent object. */
void vtpm2_object_evict(struct vtpm2 *t, struct vtpm2_object *obj);

/* --- image.c: all of an object as bytes, for contexts and remembering --- */

/* At most VTPM2_MAX_IMAGE bytes, secrets in the clear. */
void vtpm2_object_write(struct vtpm2_wr *wr, const struct vtpm2_object *obj);
/* Only for bytes that vtpm2_object_write() made: authenticate them first. */
void vtpm2_object_read(struct vtpm2_rd *rd, struct vtpm2_object *obj);
/* ... and from the state: is it one that the engine does not stumble over? */
void vtpm2_object_check(struct vtpm2_rd *rd, struct vtpm2_object *obj);

/* --- create.c, primary.c, private.c --- */

/**
 * struct vtpm2_primary - a primary that can be made again (Part 1, 14.4)
 * @mark: for the store
 * @id: number of its record
 * @used: t->primary_use when it was last asked for
 * @hierarchy: whose primary it is
 * @key: digest of the template as received and of the sensitive data
 * @len: bytes of @image
 * @image: vtpm2_object_write() of it, without an authValue
 */
struct vtpm2_primary {
	struct vtpm2_mark mark;
	u32 id;
	u64 used;
	u32 hierarchy;
	u8 key[32];
	u16 len;
	u8 image[] __counted_by(len);
};

/*
 * @obj has hierarchy, the template in pub, and auth and data of inSensitive:
 * make it the object that the template stands for. Complete response code.
 */
u32 vtpm2_primary_make(struct vtpm2 *t, struct vtpm2_object *obj);
void vtpm2_primary_insert(struct vtpm2 *t, const struct vtpm2_primary *p);
void vtpm2_primary_remove(struct vtpm2 *t, u32 id);
void vtpm2_primary_forget(struct vtpm2 *t, u32 hierarchy);	/* 0: all */
/* New seedValues; TPM_RC_MEMORY: some primaries may have been changed. */
u32 vtpm2_primary_reseed(struct vtpm2 *t, u32 hierarchy);
size_t vtpm2_primary_bytes(const struct vtpm2 *t);	/* memory of them */
/*
 * TPM2B_PRIVATE (Part 1, 22.5; Part 2, 12.3.7): the sensitive area and the
 * shadow under the parent's seed. Unwrap fills class, sens and shadow of
 * @obj, whose pub and name are set; TPM_RC_INTEGRITY, TPM_RC_SENSITIVE...,
 * unnumbered.
 */
u32 vtpm2_private_wrap(struct vtpm2 *t, const struct vtpm2_object *obj,
		       const struct vtpm2_object *parent, struct vtpm2_wr *wr);
u32 vtpm2_private_unwrap(struct vtpm2 *t, struct vtpm2_object *obj,
			 const struct vtpm2_object *parent,
			 struct vtpm2_bytes priv);
/*
 * Fill in what the TPM makes of a checked template: class, private part, seed,
 * unique. Complete response code.
 */
u32 vtpm2_create_fill(struct vtpm2 *t, struct vtpm2_object *obj);

/* --- context.c --- */

/* New key for saved contexts: at every TPM Reset. */
void vtpm2_context_reset(struct vtpm2 *t);

/* --- key.c: the private part at work, in the chip or in the engine --- */

/* Raw RSA private operation; @in, @out of modulus size, TPM_RC_VALUE if >= n */
u32 vtpm2_key_rsa(struct vtpm2 *t, struct vtpm2_object *key, const u8 *in,
		  u8 *out);
u32 vtpm2_key_ecdsa(struct vtpm2 *t, struct vtpm2_object *key,
		    const u8 *digest, size_t len, u8 *r, u8 *s);
/* With TPM2_ALG_SM2 or _ECSCHNORR */
u32 vtpm2_key_ecsign(struct vtpm2 *t, struct vtpm2_object *key,
		     const struct vtpm2_scheme *scheme,
		     struct vtpm2_bytes digest, u8 *r, u8 *s);
/* The point is checked: TPM_RC_ECC_POINT. */
u32 vtpm2_key_ecdh(struct vtpm2 *t, struct vtpm2_object *key, const u8 *x,
		   const u8 *y, u8 *zx, u8 *zy);
/* Of an ECDAA key in the chip; @count is the chip's. */
u32 vtpm2_key_commit(struct vtpm2 *t, struct vtpm2_object *key,
		     struct vtpm2_hw_commit *commit);
u32 vtpm2_key_ecdaa(struct vtpm2 *t, struct vtpm2_object *key, u32 count,
		    struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len,
		    u8 *s);
/* Data of a KEYEDHASH or SYMCIPHER object; @len capacity in, length out. */
u32 vtpm2_key_data(struct vtpm2 *t, struct vtpm2_object *key, u8 *data,
		   size_t *len);
/*
 * Generate the private part of @obj (pub, class, hierarchy set) of an
 * asymmetric type: in the chip or in software; fills pub.x, pub.y, sens or
 * shadow. For KEYEDHASH and SYMCIPHER seal sens.data if the class says so.
 */
u32 vtpm2_key_generate(struct vtpm2 *t, struct vtpm2_object *obj);
/* The key that @pub asks for, in the chip's terms. */
void vtpm2_key_describe(const struct vtpm2_public *pub,
			struct vtpm2_hw_key *key);
/* @obj is gone for good and no blob of it is left. */
void vtpm2_key_forget(struct vtpm2 *t, const struct vtpm2_object *obj);
u32 vtpm2_key_seal(struct vtpm2 *t, struct vtpm2_object *obj);

/* --- sealing.c: objects of class "sealed" --- */

/*
 * Encrypt sens.data of @obj, whose seedValue and unique are set. Of the chip's
 * operations the first one of a vTPM needs "seal", the first one since the key
 * was wiped "unseal", all others none.
 */
u32 vtpm2_sealing_seal(struct vtpm2 *t, struct vtpm2_object *obj);
/* The data itself; @len is capacity in, length out. */
u32 vtpm2_sealing_open(struct vtpm2 *t, const struct vtpm2_object *obj,
		       u8 *data, size_t *len);
/* No sealing key in memory, until it is needed again. */
void vtpm2_sealing_wipe(struct vtpm2 *t);

/* --- rsa.c: paddings over raw operations (PKCS #1 v2.2) --- */

/* @label includes its terminating zero, or is empty */
/* @out is the modulus size */
u32 vtpm2_rsa_pad_encrypt(const struct vtpm2_public *pub,
			  const struct vtpm2_scheme *scheme,
			  struct vtpm2_bytes msg, struct vtpm2_bytes label,
			  u8 *out);
/* @out may not overlap @in; @len is capacity in, length out */
u32 vtpm2_rsa_pad_decrypt(struct vtpm2 *t, struct vtpm2_object *key,
			  const struct vtpm2_scheme *scheme,
			  struct vtpm2_bytes in, struct vtpm2_bytes label,
			  u8 *out, size_t *len);
/* Encode a digest to be signed into @em, @size bytes: the modulus size. */
u32 vtpm2_rsa_encode(const struct vtpm2_scheme *scheme, const u8 *digest,
		     size_t len, u8 *em, size_t size);
/* @sig is of modulus size */
u32 vtpm2_rsa_verify(const struct vtpm2_public *pub,
		     const struct vtpm2_scheme *scheme, const u8 *sig,
		     const u8 *digest, size_t len);

/* --- point.c: ECC points and the coordinates in them --- */

/*
 * TPMS_ECC_POINT and TPM2B_ECC_POINT, coordinates as they were sent; write is
 * of a TPM2B_ECC_POINT.
 */
void vtpm2_rd_point(struct vtpm2_rd *rd, struct vtpm2_bytes *x,
		    struct vtpm2_bytes *y);
void vtpm2_rd_2b_point(struct vtpm2_rd *rd, struct vtpm2_bytes *x,
		       struct vtpm2_bytes *y);
void vtpm2_wr_point(struct vtpm2_wr *wr, const u8 *x, const u8 *y, size_t len);
/*
 * Right-align an integer in @size bytes, with or without leading zeroes.
 * False, and zeroes, if its value needs more.
 */
bool vtpm2_fixed(struct vtpm2_bytes in, u8 *out, size_t size);

/* --- sign.c --- */

/* TPMT_SIGNATURE */
struct vtpm2_signature {
	struct vtpm2_scheme scheme;
	u16 r_len, s_len;		/* RSA: only r */
	u8 r[VTPM2_MAX_RSA];
	u8 s[VTPM2_MAX_ECC];
};

void vtpm2_rd_signature(struct vtpm2_rd *rd, struct vtpm2_signature *sig);
void vtpm2_wr_signature(struct vtpm2_wr *wr, const struct vtpm2_signature *sig);
/* The key's scheme, or the given one if the key has none (Part 1, 27.4). */
u32 vtpm2_sign_select(const struct vtpm2_object *key,
		      struct vtpm2_scheme *scheme);
u32 vtpm2_sign(struct vtpm2 *t, struct vtpm2_object *key,
	       const struct vtpm2_scheme *scheme, const u8 *digest, size_t len,
	       struct vtpm2_signature *sig);
/* HMAC keys need the private part, so this takes the object. */
u32 vtpm2_verify(struct vtpm2 *t, struct vtpm2_object *key,
		 const struct vtpm2_signature *sig, const u8 *digest,
		 size_t len);

/* --- ecsign.c: TPM2_ALG_SM2, _ECSCHNORR and _ECDAA, in the engine --- */

/* All numbers are of the curve's size, but @nonce may be shorter. Errnos. */
int vtpm2_ecsign(u16 curve, const struct vtpm2_scheme *scheme, const u8 *d,
		 struct vtpm2_bytes digest, u8 *r, u8 *s);
/* -EBADMSG, -ENOMEM */
int vtpm2_ecverify(u16 curve, const struct vtpm2_scheme *scheme, const u8 *x,
		   const u8 *y, struct vtpm2_bytes digest, const u8 *r,
		   const u8 *s);
/* @commit: the scalar of TPM2_Commit */
int vtpm2_ecdaa(u16 curve, u16 hash, const u8 *d, const u8 *commit,
		struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len, u8 *s);

/* --- commit.c: scalars that are used in a later command (Part 1, C.2) --- */

/* Forget all: at TPM Reset. */
void vtpm2_commit_reset(struct vtpm2 *t);
/*
 * The scalar that @count stands for; TPM_RC_VALUE if it stands for none. Call
 * vtpm2_commit_end() once the command that uses it has succeeded.
 */
u32 vtpm2_commit_get(struct vtpm2 *t, u16 count, u16 curve,
		     const struct vtpm2_name *name, u8 *r);
void vtpm2_commit_end(struct vtpm2 *t, u16 count);
/* Sign with ECDAA; @nonce_len is the capacity, then the length. */
u32 vtpm2_commit_sign(struct vtpm2 *t, struct vtpm2_object *key,
		      const struct vtpm2_scheme *scheme,
		      struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len,
		      u8 *s);

/* --- secret.c: TPM2B_ENCRYPTED_SECRET (Part 1, 24.4 and B.10, C.6) --- */

#define VTPM2_MAX_SECRET	VTPM2_MAX_RSA

/* Recover the seed that was encrypted to @key; unnumbered code. */
u32 vtpm2_secret_decrypt(struct vtpm2 *t, struct vtpm2_object *key,
			 const char *label, struct vtpm2_bytes secret,
			 struct vtpm2_digest *seed);
/* Make a seed and write it encrypted to @pub, as a TPM2B. */
u32 vtpm2_secret_encrypt(const struct vtpm2_public *pub, const char *label,
			 struct vtpm2_digest *seed, struct vtpm2_wr *wr);

/* --- hash.c --- */

/* Key an HMAC with the secret of a KEYEDHASH object. */
u32 vtpm2_hmac_init_key(struct vtpm2 *t, struct vtpm2_object *key, u16 alg,
			struct vtpm2_hmac *h);
/* HMAC of @data with that key; @mac is of digest size. */
u32 vtpm2_hmac_key(struct vtpm2 *t, struct vtpm2_object *key, u16 alg,
		   const void *data, size_t len, u8 *mac);
/* Does data that starts so certainly not start with TPM_GENERATED_VALUE? */
bool vtpm2_hash_safe(struct vtpm2_bytes data);

/* --- mac.c --- */

/*
 * The algorithm of TPM2_MAC and TPM2_MAC_Start, whose handle 1 is the key and
 * parameter 2 the algorithm. Complete code.
 */
u32 vtpm2_mac_select(const struct vtpm2_object *key, u16 *alg);
u16 vtpm2_rd_mac_alg(struct vtpm2_rd *rd);
u32 vtpm2_mac_init(struct vtpm2 *t, struct vtpm2_object *key, u16 alg,
		   struct vtpm2_mac *m);
void vtpm2_mac_update(struct vtpm2_mac *m, struct vtpm2_bytes data);
void vtpm2_mac_final(struct vtpm2_mac *m, struct vtpm2_digest *mac);

/* --- sequence.c --- */

/*
 * State of a sequence for context.c, which protects it. Load returns NULL for
 * want of memory (TPM_RC_MEMORY in @rd) or when @rd has an error.
 */
void vtpm2_seq_save(const struct vtpm2_seq *seq, struct vtpm2_wr *wr);
struct vtpm2_seq *vtpm2_seq_load(struct vtpm2_rd *rd);

/* --- ticket.c (Part 2, 10.7) --- */

struct vtpm2_ticket {
	u16 tag;
	u32 hierarchy;
	struct vtpm2_digest digest;
};

/*
 * TPM_RC_TAG for another tag. TPM2_ST_AUTH_SIGNED stands for TPMT_TK_AUTH,
 * which may be TPM2_ST_AUTH_SECRET as well: see ticket->tag.
 */
void vtpm2_rd_ticket(struct vtpm2_rd *rd, u16 tag, struct vtpm2_ticket *ticket);
/* The NULL ticket of a tag is hierarchy NULL with an empty digest. */
void vtpm2_wr_ticket(struct vtpm2_wr *wr, const struct vtpm2_ticket *ticket);
/* HMAC over tag and @parts with the proof of ticket->hierarchy. */
void vtpm2_ticket_make(struct vtpm2 *t, struct vtpm2_ticket *ticket,
		       const struct vtpm2_bytes *parts, unsigned int n);
bool vtpm2_ticket_check(struct vtpm2 *t, const struct vtpm2_ticket *ticket,
			const struct vtpm2_bytes *parts, unsigned int n);
/* TPMT_TK_HASHCHECK: this TPM made the digest, and of data safe to sign. */
void vtpm2_ticket_make_hash(struct vtpm2 *t, u32 hierarchy, u16 alg,
			    const struct vtpm2_digest *digest,
			    struct vtpm2_ticket *ticket);
bool vtpm2_ticket_check_hash(struct vtpm2 *t, u16 alg,
			     const struct vtpm2_digest *digest,
			     const struct vtpm2_ticket *ticket);

/* --- attest.c is handlers only; pcr.c --- */

struct vtpm2_pcr_bank_select {
	u16 hash;
	u8 size;
	u8 select[4];
};

struct vtpm2_pcr_selection {
	u8 count;
	struct vtpm2_pcr_bank_select bank[VTPM2_HASH_ALGS];
};

void vtpm2_rd_pcr_selection(struct vtpm2_rd *rd,
			    struct vtpm2_pcr_selection *sel);
void vtpm2_wr_pcr_selection(struct vtpm2_wr *wr,
			    const struct vtpm2_pcr_selection *sel);
/* Digest of the selected PCRs; clears what is not implemented from @sel. */
void vtpm2_pcr_digest(struct vtpm2 *t, u16 alg,
		      struct vtpm2_pcr_selection *sel,
		      struct vtpm2_digest *out);
/* Index of a bank by hash algorithm, -1 if it is no bank; and back. */
int vtpm2_pcr_bank(u16 alg);
u16 vtpm2_pcr_bank_alg(unsigned int bank);
/* Is the PCR in the bank? */
bool vtpm2_pcr_allocated(const struct vtpm2 *t, unsigned int bank, u32 pcr);
/* The PCRs that have a TPM_PT_PCR property, as a mask. */
u32 vtpm2_pcr_property(u32 tag);
bool vtpm2_pcr_extend_allowed(u32 pcr, u8 locality);
/* One bank; ignored if the PCR is not allocated in it. Counts the change. */
void vtpm2_pcr_extend(struct vtpm2 *t, u32 pcr, unsigned int bank,
		      const u8 *digest);
void vtpm2_pcr_startup(struct vtpm2 *t, enum vtpm2_start start);
/* PCRs that a DRTM event resets become zero. */
void vtpm2_pcr_reset_drtm(struct vtpm2 *t);

/* --- pcr_alloc.c --- */

void vtpm2_pcr_manufacture(struct vtpm2 *t);
void vtpm2_pcr_power_on(struct vtpm2 *t);

/* --- pcr_auth.c --- */

/* Does the PCR belong to the group that has an authorization? */
bool vtpm2_pcr_in_group(u32 pcr);
void vtpm2_pcr_policy_empty(struct vtpm2 *t);

/* --- nv.c --- */

const struct vtpm2_nv *vtpm2_nv_find(struct vtpm2 *t, u32 index);
void vtpm2_nv_name(const struct vtpm2_nv *nv, struct vtpm2_name *name);
/* Remove owner-created indices (TPM2_Clear), or all (destroy). */
void vtpm2_nv_clear(struct vtpm2 *t, bool all);
/* TPM_RC_MEMORY: some indices may have been changed */
u32 vtpm2_nv_startup(struct vtpm2 *t, enum vtpm2_start start, bool orderly);
/*
 * @nv to be changed, at most one time each by pointer; NULL: no memory. What it
 * was stays valid, and may become valid again, until the command ends.
 */
struct vtpm2_nv *vtpm2_nv_change(struct vtpm2 *t, const struct vtpm2_nv *nv,
				 enum vtpm2_change change);
unsigned int vtpm2_nv_type(const struct vtpm2_nv *nv);	/* TPM2_NT_* */
u64 vtpm2_nv_u64(const struct vtpm2_nv *nv);	/* counter, bits, PIN */
void vtpm2_wr_nv_public(struct vtpm2_wr *wr, const struct vtpm2_nv *nv);
void vtpm2_nv_insert(struct vtpm2 *t, const struct vtpm2_nv *nv);
void vtpm2_nv_delete(struct vtpm2 *t, const struct vtpm2_nv *nv);
/* Does the type of index have this size? TPM_RC_SIZE, TPM_RC_ATTRIBUTES. */
u32 vtpm2_nv_check_size(const struct vtpm2_nv *nv);
/*
 * May @nv be read or written with the authorization of @auth: TPM_RC_NV_LOCKED,
 * _NV_AUTHORIZATION or, reading, _NV_UNINITIALIZED.
 */
u32 vtpm2_nv_read_check(const struct vtpm2_nv *nv, u32 auth);
u32 vtpm2_nv_write_check(const struct vtpm2_nv *nv, u32 auth);
/* The range must be within the index. 0 or TPM_RC_MEMORY. */
u32 vtpm2_nv_store(struct vtpm2 *t, const struct vtpm2_nv *nv, u16 offset,
		   const void *data, u16 len);
u32 vtpm2_nv_store_u64(struct vtpm2 *t, const struct vtpm2_nv *nv, u64 value);

/* --- hierarchy.c --- */

struct vtpm2_hierarchy *vtpm2_hierarchy(struct vtpm2 *t, u32 handle);
/* New seeds and proofs of a hierarchy. */
void vtpm2_hierarchy_renew(struct vtpm2 *t, u32 handle);
/* Enabled, with an empty auth value and policy. */
void vtpm2_hierarchy_open(struct vtpm2 *t, u32 handle);
void vtpm2_lockout_open(struct vtpm2 *t);
void vtpm2_hierarchy_startup(struct vtpm2 *t, enum vtpm2_start start);

/* --- audit.c: command audit (Part 1, 35) --- */

void vtpm2_audit_manufacture(struct vtpm2 *t);
void vtpm2_audit_startup(struct vtpm2 *t, enum vtpm2_start start);
/* @audit = H(@audit || cpHash || rpHash), of a session or of commands */
void vtpm2_audit_extend(u16 alg, struct vtpm2_digest *audit,
			const struct vtpm2_digest *cp,
			const struct vtpm2_digest *rp);
/* @c, which is audited, will succeed: counts a new digest. */
void vtpm2_audit_begin(struct vtpm2 *t);
/* ... and has, with this rpHash of t->audit_alg. */
void vtpm2_audit_command(struct vtpm2 *t, const struct vtpm2_cmd *c,
			 const struct vtpm2_digest *rp);
void vtpm2_audit_command_digest(struct vtpm2 *t, struct vtpm2_digest *digest);

/* --- platform.c --- */

void vtpm2_platform_manufacture(struct vtpm2 *t);

/* --- startup.c --- */

/* Defaults of a new TPM: hierarchies, PCRs, dictionary attack, clock. */
void vtpm2_startup_manufacture(struct vtpm2 *t);

/* --- clock.c --- */

u64 vtpm2_clock_time(struct vtpm2 *t);		/* TPMS_TIME_INFO.time, ms */
u64 vtpm2_clock_now(struct vtpm2 *t);		/* TPMS_CLOCK_INFO.clock, ms */
void vtpm2_wr_clock_info(struct vtpm2_wr *wr, struct vtpm2 *t);
/* True if Clock has passed a value that must be durable before it is told. */
bool vtpm2_clock_update(struct vtpm2 *t);
/* It cannot be: Clock waits where it was before @durable, @safe. */
void vtpm2_clock_hold(struct vtpm2 *t, u64 durable, bool safe);
/* A rate within the limits of TPM2_ClockRateAdjust */
s32 vtpm2_clock_rate_limit(s32 rate);
void vtpm2_clock_power_on(struct vtpm2 *t);
void vtpm2_clock_startup(struct vtpm2 *t, bool orderly);
void vtpm2_clock_reset(struct vtpm2 *t);	/* TPM2_Clear */

/* --- capability.c, property.c --- */

bool vtpm2_alg_implemented(u16 alg);

unsigned int vtpm2_curve_count(void);

#define VTPM2_GROUP_PROPERTIES	48	/* room for one group */
/*
 * Values of the properties from @group (TPM2_PT_FIXED, TPM2_PT_VAR) on, and
 * their number; 0 for another group.
 */
unsigned int vtpm2_property_group(struct vtpm2 *t, u32 group, u32 *values);

#define VTPM2_FIRMWARE_1	0x00010000
#define VTPM2_FIRMWARE_2	0x00000000

#endif
