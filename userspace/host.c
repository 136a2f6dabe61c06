// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmctl host: the physical TPM.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority.h"
#include "host.h"
#include "json.h"
#include "print.h"
#include "state.h"

void host_parse_pcrs(struct host_args *args, const char *text)
{
	size_t len = strcspn(text, ":");
	const char *p = text + len;
	unsigned long pcr;
	unsigned int i;
	char *end;

	args->bank = 0;
	args->pcrs = 0;
	for (i = 1; i < ARRAY_SIZE(bank_names); i++)
		if (!strncmp(text, bank_names[i], len) && !bank_names[i][len])
			args->bank = 1u << i;
	while (*p == (args->pcrs ? ',' : ':') && p[1] >= '0' && p[1] <= '9') {
		pcr = strtoul(p + 1, &end, 10);
		if (pcr > 23)
			break;
		args->pcrs |= 1u << pcr;
		p = end;
	}
	if (!args->bank || !args->pcrs || *p)
		errx(EXIT_USAGE, "--pcrs: %s: say it like sha256:0,2,7 (sha384, sha512; 0 to 23)",
		     text);
}

void host_parse_interval(struct host_args *args, const char *text)
{
	unsigned long seconds;
	char *end;

	seconds = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || !seconds || seconds > 31536000)
		errx(EXIT_USAGE, "--interval: %s: give seconds, at most a year", text);
	args->interval = seconds;
}

void host_status(int mux, const struct host_args *args)
{
	struct vtpm_host_status host;
	int rc = vtpm_mux_host_status(mux, &host);

	(void)args;
	if (rc)
		errx(EXIT_FAILURE, "host: %s", strerror(-rc));
	print_host(&host);
}

/* The whole file but one newline at its end. Returns its size. */
static size_t read_auth(const char *path, char auth[VTPM_AUTH_MAX + 2])
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t n;

	if (!f)
		errx(EXIT_FAILURE, "%s: %s", path, strerror(errno));
	setvbuf(f, NULL, _IONBF, 0);	/* no copy of the secret in a buffer */
	n = fread(auth, 1, VTPM_AUTH_MAX + 2, f);
	if (ferror(f))
		errx(EXIT_FAILURE, "%s: %s", path, strerror(errno));
	if (n && auth[n - 1] == '\n')
		n--;
	if (n > VTPM_AUTH_MAX)
		errx(EXIT_FAILURE, "%s: an authorization value has at most %d bytes",
		     path, VTPM_AUTH_MAX);
	if (f != stdin)
		fclose(f);
	return n;
}

static const char *init_advice(int err, const struct host_args *args)
{
	if (!args->authority)
		return chip_advice(err);
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

void host_init(int mux, const struct host_args *args)
{
	struct vtpm_host_init init = {};
	char auth[VTPM_AUTH_MAX + 2];
	int rc;

	if (args->owner_auth_file) {
		init.auth_size = read_auth(args->owner_auth_file, auth);
		memcpy(init.auth, auth, init.auth_size);
		explicit_bzero(auth, sizeof(auth));
	}
	if (args->authority) {
		read_authority(args->authority, init.authority);
		init.flags = VTPM_HOST_BIND | (args->replace ? VTPM_HOST_REPLACE : 0);
	}
	rc = vtpm_mux_host_bind(mux, &init);
	explicit_bzero(&init, sizeof(init));
	if (rc)
		errx(EXIT_FAILURE, "host init: %s", init_advice(-rc, args));
	if (print_json)
		host_status(mux, args);
}

void host_policy(int mux, const struct host_args *args)
{
	struct vtpm_host_policy policy = { .bank = args->bank, .pcrs = args->pcrs };
	int rc = vtpm_mux_host_policy(mux, &policy);

	if (rc == -EOPNOTSUPP)
		errx(EXIT_FAILURE, "host policy: the chip does not have this bank of PCRs");
	if (rc)
		errx(EXIT_FAILURE, "host policy: %s", chip_advice(-rc));
	if (print_json) {
		json_open_object(NULL);
		json_hex("policy", policy.policy, sizeof(policy.policy));
		json_close();
		return;
	}
	fwrite(policy.policy, 1, sizeof(policy.policy), stdout);
	fputs(POLICY_REF, stdout);
}

void host_admit(int mux, const struct host_args *args)
{
	struct vtpm_host_admit admit = { .bank = args->bank, .pcrs = args->pcrs };
	int rc;

	read_authority(args->authority, admit.authority);
	read_policy(args->policy, admit.policy);
	read_signature(args->signature, admit.signature);
	rc = vtpm_mux_host_admit(mux, &admit);
	if (rc == -EINVAL)
		errx(EXIT_FAILURE, "host admit: the mux root key is not bound (host init)");
	if (rc == -EKEYREJECTED)
		errx(EXIT_FAILURE, "host admit: not signed by the authority of the keys");
	if (rc)
		errx(EXIT_FAILURE, "host admit: %s", chip_advice(-rc));
	if (print_json)
		host_status(mux, args);
}

/* What the error of making or attaching a ledger says; NULL: it is about the file. */
static const char *anchor_advice(int err, const struct host_args *args)
{
	switch (err) {
	case EBUSY:
		return "a ledger is attached, state files are in use (close them), or the chip";
	case EEXIST:
		return "the chip has a ledger's counter: see --replace in vtpmctl(8)";
	case ESTALE:
		return "it is an older copy of the ledger: the chip's counter has gone on";
	case EXDEV:
		return "it belongs to another chip, or its counter was removed";
	case ENOMSG:
		return "no ledger";
	case EIDRM:
		return "the ledger was given up";
	}
	return state_advice(err, args->new);
}

/* The owner's authorization goes with @anchor, and no copy stays. */
static int run_anchor(int mux, struct vtpm_anchor *anchor, const struct host_args *args)
{
	char auth[VTPM_AUTH_MAX + 2];
	int rc;

	if (args->owner_auth_file) {
		anchor->auth_size = read_auth(args->owner_auth_file, auth);
		memcpy(anchor->auth, auth, anchor->auth_size);
		explicit_bzero(auth, sizeof(auth));
	}
	rc = vtpm_mux_anchor(mux, anchor);
	explicit_bzero(anchor, sizeof(*anchor));
	return rc;
}

void host_anchor(int mux, const struct host_args *args)
{
	struct vtpm_anchor anchor = { .interval = args->interval };
	const char *advice;
	int rc;

	if (args->new) {
		anchor.flags = VTPM_ANCHOR_NEW | (args->replace ? VTPM_ANCHOR_REPLACE : 0);
		anchor.ledger_fd = state_create(args->ledger);
	} else {
		anchor.ledger_fd = state_open(args->ledger);
	}
	rc = run_anchor(mux, &anchor, args);
	if (rc && args->new)
		unlink(args->ledger);
	if (rc) {
		advice = anchor_advice(-rc, args);
		errx(EXIT_FAILURE, "%s: %s", args->ledger, advice ? advice : chip_advice(-rc));
	}
	if (args->new)
		state_keep(args->ledger);
	if (print_json)
		host_status(mux, args);
}

void host_unanchor(int mux, const struct host_args *args)
{
	struct vtpm_anchor anchor = { .flags = VTPM_ANCHOR_REMOVE };
	int rc = run_anchor(mux, &anchor, args);

	if (rc == -ENOENT)
		errx(EXIT_FAILURE, "host unanchor: the chip has no counter for a ledger");
	if (rc == -EBUSY)
		errx(EXIT_FAILURE, "host unanchor: state files, or the chip, are in use");
	if (rc)
		errx(EXIT_FAILURE, "host unanchor: %s", chip_advice(-rc));
	if (print_json)
		host_status(mux, args);
}
