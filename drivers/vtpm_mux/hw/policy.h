/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mux root key's binding to the host's state.
 *
 * The policy of an MRK that is bound is a TPM2_PolicyAuthorize: who has the
 * private part of the authority's key says by his signature which values of the
 * chip's PCRs may use it, and can say so of another state before the host gets
 * into that. A policy that names the values themselves could never be changed.
 *
 *	once, when a state is admitted		LoadExternal, VerifySignature,
 *						FlushContext: makes a ticket
 *	each time that the MRK is used		StartAuthSession, PolicyPCR,
 *						PolicyAuthorize
 */
#ifndef VTPM_HW_POLICY_H
#define VTPM_HW_POLICY_H

#include <crypto/sha2.h>
#include <linux/types.h>

#include "hw.h"
#include "slots.h"

struct vtpm_chip;
struct vtpm_wr;

#define VTPM_TICKET_MAX		64	/* the longest digest that a chip has */

/**
 * struct vtpm_approval - a state that was admitted
 * @state: what the authority has signed
 * @hierarchy: of the ticket
 * @ticket: the chip's word for the signature
 * @ticket_len: its length
 */
struct vtpm_approval {
	struct vtpm_hw_host_state state;
	u32 hierarchy;
	u8 ticket[VTPM_TICKET_MAX];
	size_t ticket_len;
};

/**
 * struct vtpm_binding - what the MRK is bound to
 * @state: for vtpm_hw_get_status()
 * @bound: it is
 * @mrk_name: the MRK that the rest is about
 * @policy: its authPolicy
 * @authority: name of the authority's key, once a state was admitted
 * @count: states that were admitted
 * @last: the one that the host was found in, or that was admitted, last
 * @approval: in the order of their admission
 *
 * Written by the worker under the chip's lock; read by it without.
 */
struct vtpm_binding {
	enum vtpm_hw_binding state;
	bool bound;
	u8 mrk_name[VTPM_NAME_LEN];
	u8 policy[SHA256_DIGEST_SIZE];
	u8 authority[VTPM_NAME_LEN];
	unsigned int count;
	struct vtpm_hw_host_state last;
	struct vtpm_approval approval[VTPM_HW_ADMIT_MAX];
};

/* TPM2B_PUBLIC of the authority's key, and its name. */
void vtpm_policy_authority(struct vtpm_wr *wr, const struct vtpm_hw_authority *key);
void vtpm_policy_authority_name(u8 *name, const struct vtpm_hw_authority *key);

/* What the authority signs of a state: SHA-256 of its policy and our policyRef. */
void vtpm_policy_signed(u8 *digest, const u8 *policy);

/* The authPolicy of an MRK that the authority @key binds. */
void vtpm_policy_digest(u8 *policy, const struct vtpm_hw_authority *key);

/*
 * The MRK is @mrk_name; @policy: its authPolicy if it is bound, or NULL. What was
 * admitted for another one is forgotten.
 */
void vtpm_policy_found(struct vtpm_chip *chip, const u8 *mrk_name, const u8 *policy);

/**
 * vtpm_policy_begin() - a session that may use the MRK
 * @chip: held, until the session is ended
 * @session: receives its handle
 *
 * Return: 0; -EKEYREVOKED the host is in no state that was admitted; a response
 * code or an errno.
 */
int vtpm_policy_begin(struct vtpm_chip *chip, u32 *session);

/**
 * vtpm_policy_look() - is the host in a state that was admitted?
 * @chip: held
 *
 * Return: as vtpm_policy_begin().
 */
int vtpm_policy_look(struct vtpm_chip *chip);

/* The policy digest of the values that @state's PCRs have now. */
int vtpm_policy_current(struct vtpm_chip *chip, struct vtpm_hw_host_state *state);

/* admit.c: is this a key that the chip can verify signatures with? */
int vtpm_admit_check(struct vtpm_chip *chip, const struct vtpm_hw_authority *key);

/* The session goes: whatever has been done with it. */
void vtpm_policy_end(struct vtpm_chip *chip, u32 session);

#endif
