/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The physical chip, as the rest of the module sees it.
 *
 *    storage primary seed (in the chip)
 *     +-- host SRK   0x81000001
 *          +-- MRK   mux root key, persistent, one per host
 *               +-- VMK   one per vTPM, storage parent   (struct vtpm_hw)
 *                    +-- shadows, one per hardware object (struct vtpm2_shadow)
 */
#ifndef VTPM_HW_H
#define VTPM_HW_H

#include <linux/types.h>

#include "../tpm2/hw.h"

struct vtpm_hw;

enum vtpm_hw_state {
	VTPM_HW_ABSENT,		/* no TPM 2.0 chip */
	VTPM_HW_UNPROVISIONED,	/* chip found, but no MRK: see @error */
	VTPM_HW_READY,
	VTPM_HW_STUCK,		/* a command has not been answered in time */
	VTPM_HW_SUSPENDED,
};

/* The most that an owner's auth can be: a SHA-512 digest. */
#define VTPM_HW_OWNER_AUTH_MAX	64
#define VTPM_HW_COUNTER_AUTH	32
#define VTPM_HW_ADMIT_MAX	8	/* states that are admitted at a time */

enum vtpm_hw_binding {
	VTPM_HW_UNBOUND,
	VTPM_HW_BOUND,		/* and not known yet to which state */
	VTPM_HW_ADMITTED,	/* the host is, or was lately, in one */
	VTPM_HW_CHANGED,	/* the host is, or was lately, in none */
};

/* A P-256 key that says which states of the host may use the MRK. */
struct vtpm_hw_authority {
	u8 x[32], y[32];
};

/* ECDSA with SHA-256 by that key. */
struct vtpm_hw_signature {
	u8 r[32], s[32];
};

/**
 * struct vtpm_hw_host_state - a state of the host
 * @bank: VTPM_HASH_* of the PCR bank
 * @pcrs: mask of 24 PCRs
 * @policy: digest of a TPM2_PolicyPCR of their values
 */
struct vtpm_hw_host_state {
	u32 bank;
	u32 pcrs;
	u8 policy[32];
};

/**
 * struct vtpm_hw_order - what vtpm_hw_provision() shall do
 * @auth: the owner's authorization
 * @len: its length
 * @authority: bind a new MRK to what this one admits; NULL: do not
 * @replace: make a new MRK where there is one that is not bound so
 */
struct vtpm_hw_order {
	const u8 *auth;
	size_t len;
	const struct vtpm_hw_authority *authority;
	bool replace;
};

/**
 * struct vtpm_hw_status - the chip now
 * @state: can vTPMs use it?
 * @error: negative errno of the last attempt to provision it; 0 for none
 * @chip_index: N of /dev/tpmN, -1 if there is no chip
 * @manufacturer: TPM_PT_MANUFACTURER
 * @vendor: TPM_PT_VENDOR_STRING_1..4
 * @firmware: TPM_PT_FIRMWARE_VERSION_1 and _2
 * @srk_handle: persistent handle of the host's SRK
 * @mrk_handle: persistent handle of the mux root key
 * @srk_name: its TPM name
 * @mrk_name: its TPM name
 * @binding: of the MRK to the host's state, as it was when it was used last
 * @admitted: number of states that were admitted
 * @host_state: the one that the host was found in, or that was admitted, last
 * @rsa_bits: key sizes that vTPMs can have in the chip
 * @curves: curves that vTPMs can have in the chip
 * @slots: objects that we keep loaded at most
 * @slots_used: objects that we have loaded
 * @hits: uses of a loaded object
 * @misses: uses of an object that had to be loaded
 * @evictions: objects that were flushed for the sake of others
 * @commands: chip commands since the module was loaded, housekeeping included
 */
struct vtpm_hw_status {
	enum vtpm_hw_state state;
	int error;
	int chip_index;
	char manufacturer[5];
	char vendor[17];
	u32 firmware[2];
	u32 srk_handle, mrk_handle;
	u8 srk_name[34], mrk_name[34];	/* TPM2B_NAME contents, SHA-256 */
	enum vtpm_hw_binding binding;
	u32 admitted;
	struct vtpm_hw_host_state host_state;
	u32 rsa_bits;			/* mask: 1 = 2048, 2 = 3072, 4 = 4096 */
	u32 curves;			/* VTPM_CURVE_* */
	u32 slots, slots_used;
	u64 hits, misses, evictions;
	u64 commands;
};

struct vtpm_hw_cc_stat {
	u32 cc;
	u64 count, errors, ns;
};

/**
 * struct vtpm_hw_keys - what a state file keeps of a vTPM's chip side
 * @mrk_name: TPM name of the MRK that wraps @vmk
 * @vmk_name: TPM name of @vmk
 * @vmk_auth: its authorization value
 * @vmk: the VMK, wrapped
 * @state_key: the state key and the shadows' authorization value, sealed
 */
struct vtpm_hw_keys {
	u8 mrk_name[34];
	u8 vmk_name[34];
	u8 vmk_auth[32];
	struct vtpm2_shadow vmk;
	struct vtpm2_shadow state_key;
};

extern const struct vtpm2_hw_ops vtpm_hw_ops;	/* @hw is a struct vtpm_hw * */

/*
 * Module life. init succeeds without a chip; one may come later, and waits a
 * little for one that is there to be looked at. exit waits for the command
 * under way, which takes minutes if the chip hangs: as long as the TPM core
 * waits for it (TPM2_DURATION_DEFAULT, 120 s; for a key generation 300 s).
 */
int vtpm_hw_init(void);
void vtpm_hw_exit(void);

/*
 * Find or create SRK and MRK, with the owner's auth if that is needed.
 * -ENODEV no chip, -EACCES owner auth wrong or missing, -EOPNOTSUPP the chip
 * lacks what the key tree needs, -EEXIST something else is at SRK's or MRK's
 * handle, -ENOSPC the chip's NV memory is full, -EIO the chip failed,
 * -ETIMEDOUT it does not answer, -EBUSY others kept it busy, -EINTR.
 */
int vtpm_hw_provision(const struct vtpm_hw_order *order);

/* The MRK's binding to the host's state: policy.h, errnos in admit.c. */
int vtpm_hw_admit(const struct vtpm_hw_authority *key,
		  const struct vtpm_hw_host_state *state,
		  const struct vtpm_hw_signature *sig);
int vtpm_hw_current_state(struct vtpm_hw_host_state *state);

/* The counter that says which ledger is the last. Errnos in counter.c. */
int vtpm_hw_counter_define(const struct vtpm_hw_order *order, const u8 *auth);
int vtpm_hw_counter_remove(const struct vtpm_hw_order *order);
int vtpm_hw_counter_read(const u8 *auth, u64 *value);
int vtpm_hw_counter_increment(const u8 *auth);
bool vtpm_hw_counter_found(void);

/*
 * A new VMK. ERR_PTR with the errnos above, and -EKEYREVOKED: the MRK is bound,
 * and the host in no state that was admitted.
 */
struct vtpm_hw *vtpm_hw_create(void);
/* A VMK that there is; its state key, which is also 32 bytes. Errnos in vmk.c. */
struct vtpm_hw *vtpm_hw_open(const struct vtpm_hw_keys *keys, u8 *state_key);
int vtpm_hw_seal(struct vtpm_hw *hw, const u8 *state_key, struct vtpm_hw_keys *keys);
void vtpm_hw_destroy(struct vtpm_hw *hw);

/* Make the chip operation under way, if any, return TPM2_RC_CANCELED soon. */
void vtpm_hw_cancel(struct vtpm_hw *hw);
/*
 * An operation has returned TPM2_RC_RETRY: the host is about to sleep. Wait
 * until it no longer is, without locks that another thread could wait for: it
 * would not freeze. -ETIMEDOUT after @timeout jiffies, -ERESTARTNOINTR when the
 * thread shall freeze or has a signal.
 */
int vtpm_hw_wait_awake(unsigned long timeout);
/* Chip commands spent for this vTPM, ever. */
u64 vtpm_hw_commands(const struct vtpm_hw *hw);
/* Kernel memory that it takes, saved contexts included. */
size_t vtpm_hw_bytes(struct vtpm_hw *hw);

void vtpm_hw_get_status(struct vtpm_hw_status *status);
/* Up to @max rows, one per chip command code used; returns their number. */
unsigned int vtpm_hw_get_stats(struct vtpm_hw_cc_stat *stats, unsigned int max);

#endif
