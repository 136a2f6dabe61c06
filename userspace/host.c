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

size_t host_owner_auth(const struct host_args *args, __u8 auth[VTPM_AUTH_MAX])
{
	char room[VTPM_AUTH_MAX + 2];
	size_t n;

	if (!args->owner_auth_file)
		return 0;
	n = read_auth(args->owner_auth_file, room);
	memcpy(auth, room, n);
	explicit_bzero(room, sizeof(room));
	return n;
}

void host_init(int mux, const struct host_args *args)
{
	struct vtpm_host_init init = {};
	int rc;

	init.auth_size = host_owner_auth(args, init.auth);
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
