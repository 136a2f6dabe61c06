// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmctl: the host's ledger, without which no state file is used.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "directory.h"
#include "json.h"
#include "ledger.h"
#include "print.h"
#include "state.h"

/* What was at its place, of a counter that the chip has no more. */
#define LEDGER_GONE	LEDGER ".gone"

void ledger_parse_interval(struct host_args *args, const char *text)
{
	unsigned long seconds;
	char *end;

	seconds = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || !seconds || seconds > 31536000)
		errx(EXIT_USAGE, "--interval: %s: give seconds, at most a year", text);
	args->interval = seconds;
}

/* What the error of making or attaching a ledger says. */
static const char *anchor_advice(int err, bool new)
{
	const char *advice;

	switch (err) {
	case EBUSY:
		return "a ledger is attached, state files are in use (close them), or the chip";
	case EEXIST:
		return "the chip has a ledger's counter: see --replace in vtpmctl(8)";
	case ESTALE:
		return "it is an older copy of the ledger: the chip's counter has gone on";
	case EXDEV:
		return "it belongs to another chip, or its counter or the mux root key is another";
	case ENOMSG:
		return "no ledger";
	case EIDRM:
		return "the ledger was given up";
	}
	advice = state_advice(err, new);
	return advice ? advice : chip_advice(err);
}

/* The owner's authorization goes with @anchor, and no copy stays. */
static int run_anchor(int mux, struct vtpm_anchor *anchor, const struct host_args *args)
{
	int rc;

	anchor->auth_size = host_owner_auth(args, anchor->auth);
	rc = vtpm_mux_anchor(mux, anchor);
	explicit_bzero(anchor, sizeof(*anchor));
	return rc;
}

/*
 * The file has its name for good before the chip has a counter that nothing but this
 * file is good for.
 */
static int ledger_make(int mux, const char *path, const struct host_args *args)
{
	struct vtpm_anchor anchor = {
		.flags = VTPM_ANCHOR_NEW | (args->replace ? VTPM_ANCHOR_REPLACE : 0),
		.interval = args->interval,
		.ledger_fd = state_create(path),
	};
	int rc;

	state_keep(path);
	rc = run_anchor(mux, &anchor, args);
	if (rc)
		unlink(path);
	return rc;
}

static int ledger_attach(int mux, const char *path, const struct host_args *args)
{
	struct vtpm_anchor anchor = {
		.interval = args->interval,
		.ledger_fd = state_open(path),
	};

	return run_anchor(mux, &anchor, args);
}

static enum vtpm_host_anchor ledger_state(int mux)
{
	struct vtpm_host_status host;

	/* A chip that is not ready says nothing about a counter. */
	if (vtpm_mux_host_status(mux, &host) || host.state != VTPM_HOST_READY)
		return VTPM_HOST_ANCHOR_HELD;
	return host.anchor;
}

/*
 * A ledger that is there, while the chip has no counter, was for one that was removed,
 * or never made: no counter will ever be at its value; nor where the counter is to be
 * replaced. It is put aside all the same. Returns what is to be said of that.
 */
static const char *make_usual(int mux, const struct host_args *args)
{
	enum vtpm_host_anchor state = ledger_state(mux);
	bool useless = state == VTPM_HOST_ANCHOR_NONE ||
		       (state == VTPM_HOST_ANCHOR_WAITING && args->replace);
	bool moved = useless && !rename(LEDGER, LEDGER_GONE);
	int rc;

	if (!useless && !access(LEDGER, F_OK))
		rc = state == VTPM_HOST_ANCHOR_WAITING ? -EEXIST : -EBUSY;
	else
		rc = ledger_make(mux, LEDGER, args);
	if (rc && moved)
		rename(LEDGER_GONE, LEDGER);
	if (rc)
		errx(EXIT_FAILURE, LEDGER ": %s", anchor_advice(-rc, true));
	return moved ? " (one of no more use is ledger.gone)" : "";
}

static void anchor_at(int mux, const char *path, const struct host_args *args)
{
	int rc = args->new ? ledger_make(mux, path, args) : ledger_attach(mux, path, args);

	if (rc)
		errx(EXIT_FAILURE, "%s: %s", path, anchor_advice(-rc, args->new));
}

void ledger_anchor(int mux, const struct host_args *args)
{
	if (args->new && !args->ledger) {
		directory_lock(DIRECTORY, true);
		make_usual(mux, args);
	} else {
		anchor_at(mux, args->ledger ? args->ledger : LEDGER, args);
	}
	if (print_json)
		host_status(mux, args);
}

void ledger_unanchor(int mux, const struct host_args *args)
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

void ledger_need(int mux, bool make)
{
	static const struct host_args none;

	if (ledger_state(mux) == VTPM_HOST_ANCHOR_HELD)
		return;
	/* One vtpmctl at a time looks what is there. */
	directory_lock(DIRECTORY, true);
	switch (ledger_state(mux)) {
	case VTPM_HOST_ANCHOR_NONE:
		if (make)
			warnx("the host's ledger was made: " LEDGER "%s",
			      make_usual(mux, &none));
		break;
	case VTPM_HOST_ANCHOR_WAITING:
		if (!access(LEDGER, F_OK))
			anchor_at(mux, LEDGER, &none);
		break;
	case VTPM_HOST_ANCHOR_HELD:
		break;
	}
}

static void fail_forget(const char *uuid, int err)
{
	switch (err) {
	case ESRCH:
		errx(EXIT_NO_VTPM, "%s: the ledger does not know it: see 'vtpmctl host ledger'",
		     uuid);
	case EBUSY:
		errx(EXIT_BUSY, "%s: its state file is in use: see 'destroy' in vtpmctl(8)", uuid);
	case EUNATCH:
		errx(EXIT_FAILURE, "forget: %s", state_advice(EUNATCH, false));
	}
	errx(EXIT_FAILURE, "%s: the ledger cannot be written: %s", uuid,
	     err == EPERM ? chip_advice(EPERM) : strerror(err));
}

void ledger_forget(int mux, const __u8 uuid[16])
{
	struct vtpm_forget args = {};
	char text[UUID_LEN + 1];
	int rc;

	format_uuid(text, uuid);
	memcpy(args.uuid, uuid, sizeof(args.uuid));
	rc = vtpm_mux_forget(mux, &args);
	if (rc)
		fail_forget(text, -rc);
	if (!print_json)
		return;
	json_open_object(NULL);
	json_string("uuid", text);
	json_bool("forgotten", true);
	json_close();
}

void ledger_list(int mux, const struct host_args *args)
{
	struct vtpm_known known = {};
	int rc = vtpm_mux_known(mux, &known);

	(void)args;
	if (rc == -EUNATCH)
		errx(EXIT_FAILURE, "host ledger: %s", state_advice(EUNATCH, false));
	print_known_begin();
	while (!rc) {
		print_known(&known);
		known.entry++;
		rc = vtpm_mux_known(mux, &known);
	}
	print_list_end();
	if (rc != -ENOENT)
		errx(EXIT_FAILURE, "host ledger: %s", strerror(-rc));
}
