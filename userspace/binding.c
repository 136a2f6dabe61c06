// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmctl host: what the physical TPM's keys are bound to.
 */
#include <err.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admission.h"
#include "authority.h"
#include "binding.h"
#include "directory.h"
#include "json.h"
#include "print.h"

static const char *init_advice(int err, const struct host_args *args)
{
	switch (err) {
	case EEXIST:
		return args->replace ? chip_advice(err) :
		       "there is a mux root key that is not bound so: see --replace in vtpmctl(8)";
	case EBUSY:
		return "vTPMs use the mux root key: destroy them, or others the chip: try again";
	case EKEYREJECTED:
		return "the chip does not take the authority's key";
	case EOPNOTSUPP:
		return "the chip lacks what is needed";
	}
	return chip_advice(err);
}

static bool has_state_files(void)
{
	glob_t files = {};
	int rc = glob(DIRECTORY "/*.state", GLOB_NOSORT, NULL, &files);

	globfree(&files);
	return rc != GLOB_NOMATCH || !access(LEDGER, F_OK);
}

/*
 * The key that the module makes by itself, with nothing that hangs from it: no vTPM, and
 * no ledger, without which there are no state files.
 */
static bool is_spare(int mux)
{
	struct vtpm_host_status host;

	return !vtpm_mux_host_status(mux, &host) && host.state == VTPM_HOST_READY &&
	       host.binding == VTPM_BINDING_NONE && host.anchor == VTPM_HOST_ANCHOR_NONE &&
	       !host.instances && !has_state_files();
}

static int bind_to(int mux, struct vtpm_host_init *init, const struct host_args *args)
{
	int rc;

	init->flags = VTPM_HOST_BIND | (args->replace ? VTPM_HOST_REPLACE : 0);
	rc = vtpm_mux_host_bind(mux, init);
	if (rc == -EEXIST && !args->replace && is_spare(mux)) {
		init->flags |= VTPM_HOST_REPLACE;
		rc = vtpm_mux_host_bind(mux, init);
	}
	explicit_bzero(init, sizeof(*init));
	return rc;
}

/* The policy of the present values of @bank's @pcrs. */
static int present_policy(int mux, unsigned int bank, unsigned int pcrs, __u8 digest[32])
{
	struct vtpm_host_policy policy = { .bank = bank, .pcrs = pcrs };
	int rc = vtpm_mux_host_policy(mux, &policy);

	memcpy(digest, policy.policy, sizeof(policy.policy));
	return rc;
}

static void check_policy(const char *command, int rc)
{
	if (rc == -EOPNOTSUPP)
		errx(EXIT_FAILURE, "host %s: the chip does not have this bank of PCRs", command);
	if (rc)
		errx(EXIT_FAILURE, "host %s: %s", command, chip_advice(-rc));
}

static bool same_authority(const struct admission *a, const __u8 authority[64])
{
	return !memcmp(a->admit.authority, authority, sizeof(a->admit.authority));
}

/* What was kept for a key that there is no more. */
static void forget_others(int dir, const __u8 authority[64])
{
	struct admissions all;
	size_t i;

	admissions_read(dir, &all, false);
	for (i = 0; i < all.count; i++)
		if (!same_authority(&all.list[i], authority))
			admission_remove(dir, all.list[i].name);
	free(all.list);
}

void bind_to_authority(int mux, struct vtpm_host_init *init, const struct host_args *args)
{
	__u8 authority[64];
	int dir, rc;

	read_authority(args->authority, authority);
	memcpy(init->authority, authority, sizeof(authority));
	rc = bind_to(mux, init, args);
	if (rc)
		errx(EXIT_FAILURE, "host init: %s", init_advice(-rc, args));
	dir = directory_lock(ADMISSIONS, false);
	if (dir >= 0)
		forget_others(dir, authority);
}

/*
 * Is the key bound to the authority of @admit? The chip's word counts, not a file's:
 * 0, -EKEYREJECTED, or an errno that leaves it open.
 */
static int ask_bound(int mux, struct vtpm_host_admit *admit)
{
	int rc = vtpm_mux_host_admit(mux, admit);

	/* not bound at all; or it would have to be made, which the owner has to admit */
	return rc == -EINVAL || rc == -EACCES ? -EKEYREJECTED : rc;
}

/* Sets @state to what is kept of it if the key is bound to just that already, by us. */
static bool is_bound(int mux, int dir, struct admission *state)
{
	struct admissions all;
	int rc = -EKEYREJECTED;
	size_t i;

	admissions_read(dir, &all, false);
	for (i = 0; i < all.count && rc == -EKEYREJECTED; i++) {
		struct vtpm_host_admit *admit = &all.list[i].admit;

		if (!all.list[i].sole || admit->bank != state->admit.bank ||
		    admit->pcrs != state->admit.pcrs ||
		    memcmp(admit->policy, state->admit.policy, sizeof(admit->policy)))
			continue;
		rc = ask_bound(mux, admit);
		if (!rc)
			*state = all.list[i];
	}
	free(all.list);
	if (rc && rc != -EKEYREJECTED)
		errx(EXIT_FAILURE, "host init: %s", chip_advice(-rc));
	return !rc;
}

/*
 * What admits the state is on the disk before the key is bound to it: it cannot be
 * made again. It is pending until then: who is interrupted before has a file that
 * nobody minds, and the next order removes; and afterwards, a key that is bound, and
 * what admits it, which "host admit" finds so.
 */
static void bind_anew(int mux, int dir, struct vtpm_host_init *init,
		      struct admission *state, const struct host_args *args)
{
	int rc, bound;

	state->sole = true;
	state->pending = true;
	make_authority(state->admit.policy, state->admit.authority, state->admit.signature);
	admission_keep(dir, state);
	memcpy(init->authority, state->admit.authority, sizeof(init->authority));
	rc = bind_to(mux, init, args);
	/* The chip may have done it, whatever it said in the end. */
	bound = ask_bound(mux, &state->admit);
	if (!bound)
		return;
	if (rc && bound == -EKEYREJECTED) {
		admission_remove(dir, state->name);
		errx(EXIT_FAILURE, "host init: %s", init_advice(-rc, args));
	}
	errx(EXIT_FAILURE, "host init: %s; whether the key is bound, 'vtpmctl host admit' tells",
	     chip_advice(-bound));
}

void bind_to_state(int mux, struct vtpm_host_init *init, const struct host_args *args)
{
	struct admission state = {
		.admit = { .bank = args->bank, .pcrs = args->pcrs },
	};
	struct vtpm_host_status host;
	char pcrs[PCRS_TEXT];
	int dir, rc;

	check_policy("init", present_policy(mux, args->bank, args->pcrs, state.admit.policy));
	dir = directory_lock(ADMISSIONS, true);
	if (!is_bound(mux, dir, &state))
		bind_anew(mux, dir, init, &state, args);
	explicit_bzero(init, sizeof(*init));
	forget_others(dir, state.admit.authority);
	if (state.pending)
		admission_settle(dir, &state);
	pcrs_print(pcrs, args->bank, args->pcrs);
	rc = vtpm_mux_host_status(mux, &host);
	if (!rc && host.binding != VTPM_BINDING_ADMITTED)
		errx(EXIT_FAILURE, "host init: %s changed meanwhile: bind others, with --replace",
		     pcrs);
	warnx("host init: bound for good: if %s change, no state file opens: see vtpmctl(8)",
	      pcrs);
}

void host_policy(int mux, const struct host_args *args)
{
	__u8 policy[32];

	check_policy("policy", present_policy(mux, args->bank, args->pcrs, policy));
	if (print_json) {
		json_open_object(NULL);
		json_hex("policy", policy, sizeof(policy));
		json_close();
		return;
	}
	fwrite(policy, 1, sizeof(policy), stdout);
	fputs(POLICY_REF, stdout);
}

static void check_admit(int rc)
{
	if (rc == -EINVAL)
		errx(EXIT_FAILURE, "host admit: the mux root key is not bound (host init)");
	if (rc)
		errx(EXIT_FAILURE, "host admit: %s", chip_advice(-rc));
}

void host_admit(int mux, const struct host_args *args)
{
	struct admission a = {
		.admit = { .bank = args->bank, .pcrs = args->pcrs },
	};
	int rc;

	read_authority(args->authority, a.admit.authority);
	read_policy(args->policy, a.admit.policy);
	read_signature(args->signature, a.admit.signature);
	rc = vtpm_mux_host_admit(mux, &a.admit);
	if (rc == -EKEYREJECTED)
		errx(EXIT_FAILURE, "host admit: not signed by the authority of the keys");
	check_admit(rc);
	if (args->keep)
		admission_keep(directory_lock(ADMISSIONS, true), &a);
	if (print_json)
		host_status(mux, args);
}

/* Returns how many of them are the present state. */
static size_t find_present(int mux, const struct admissions *all)
{
	size_t i, found = 0;
	__u8 policy[32];

	for (i = 0; i < all->count; i++) {
		struct admission *a = &all->list[i];
		int rc = present_policy(mux, a->admit.bank, a->admit.pcrs, policy);

		/* another chip's may name a bank that this one does not have */
		if (rc && rc != -EOPNOTSUPP)
			check_policy("admit", rc);
		a->present = !rc && !memcmp(policy, a->admit.policy, sizeof(policy));
		found += a->present;
	}
	return found;
}

/* Returns how many were refused. */
static size_t admit_those(int mux, const struct admissions *all, bool present)
{
	size_t i, refused = 0;
	int rc;

	for (i = 0; i < all->count; i++) {
		struct admission *a = &all->list[i];

		if (a->present != present)
			continue;
		rc = vtpm_mux_host_admit(mux, &a->admit);
		if (rc != -EKEYREJECTED) {
			check_admit(rc);
			continue;
		}
		warnx(ADMISSIONS "/%s: not signed by the authority of the keys: remove it",
		      a->name);
		refused++;
	}
	return refused;
}

/*
 * What "host init" was at when it was interrupted: done, if the key was bound; else of
 * no concern. Returns whether there is something like that.
 */
static bool finish_pending(int mux, int dir)
{
	struct admissions all;
	bool found = false;
	size_t i;
	int rc;

	admissions_read(dir, &all, false);
	for (i = 0; i < all.count; i++) {
		struct admission *a = &all.list[i];

		if (!a->pending)
			continue;
		found = true;
		rc = ask_bound(mux, &a->admit);
		if (!rc) {
			forget_others(dir, a->admit.authority);
			admission_settle(dir, a);
		} else if (rc != -EKEYREJECTED) {
			check_admit(rc);
		}
	}
	free(all.list);
	return found;
}

/* All that are kept and not pending. */
static void read_settled(int dir, struct admissions *all)
{
	size_t i, n = 0;

	admissions_read(dir, all, true);
	for (i = 0; i < all->count; i++)
		if (!all->list[i].pending)
			all->list[n++] = all->list[i];
	all->count = n;
}

void host_admit_kept(int mux, const struct host_args *args)
{
	size_t present, refused, refused_present;
	int dir = directory_lock(ADMISSIONS, false);
	struct admissions all = {};
	bool pending = false;

	if (dir >= 0) {
		pending = finish_pending(mux, dir);
		read_settled(dir, &all);
	}
	if (!all.count && !all.bad && !pending)
		errx(EXIT_FAILURE, "host admit: nothing is kept in " ADMISSIONS
		     ": see --keep in vtpmctl(8)");
	present = find_present(mux, &all);
	/* The kernel keeps the last ones. */
	refused = admit_those(mux, &all, false);
	refused_present = admit_those(mux, &all, true);
	if ((all.count || all.bad) && present == refused_present)
		errx(EXIT_FAILURE, "host admit: the host's state is none of those that are kept in "
		     ADMISSIONS);
	if (all.bad || refused || refused_present)
		exit(EXIT_FAILURE);
	free(all.list);
	if (print_json)
		host_status(mux, args);
}
