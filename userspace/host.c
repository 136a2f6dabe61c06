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

#include "admission.h"
#include "binding.h"
#include "host.h"
#include "print.h"

void host_parse_pcrs(struct host_args *args, const char *text)
{
	if (!pcrs_parse(text, &args->bank, &args->pcrs))
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
		bind_to_authority(mux, &init, args);
	} else if (args->bank) {
		bind_to_state(mux, &init, args);
	} else {
		rc = vtpm_mux_host_bind(mux, &init);
		explicit_bzero(&init, sizeof(init));
		if (rc)
			errx(EXIT_FAILURE, "host init: %s", chip_advice(-rc));
	}
	if (print_json)
		host_status(mux, args);
}
