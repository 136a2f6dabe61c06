// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmctl: makes, lists, switches and destroys virtual TPMs. See vtpmctl.8.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binding.h"
#include "host.h"
#include "json.h"
#include "ledger.h"
#include "options.h"
#include "print.h"
#include "snapshot.h"
#include "state.h"

static int open_mux(void)
{
	int mux = vtpm_mux_open();

	switch (-mux) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		errx(EXIT_NO_MUX, VTPM_MUX_PATH
		     ": no such device: is the module loaded? (modprobe vtpm_mux)");
	case EACCES:
	case EPERM:
		errx(EXIT_NO_MUX, VTPM_MUX_PATH ": %s: run it as root",
		     strerror(-mux));
	}
	if (mux < 0)
		errx(EXIT_NO_MUX, VTPM_MUX_PATH ": %s", strerror(-mux));
	return mux;
}

/* Why the chip could not do what was asked of it, and what to do about it. */
const char *chip_advice(int err)
{
	switch (err) {
	case ENODEV:
		return "the host has no TPM 2.0 chip: use --assurance software";
	case EACCES:
		return "the chip wants its owner's authorization: see 'host init' in vtpmctl(8)";
	case EKEYREVOKED:
		return "the host's state has not been admitted: see 'host admit' in vtpmctl(8)";
	case EOPNOTSUPP:
		return "the chip lacks what is needed: use --assurance software";
	case EEXIST:
		return "something else is at a persistent handle of the chip that is needed";
	case ENOSPC:
		return "the chip's NV memory is full: evict what is not needed";
	case EBUSY:
		return "others keep the chip busy: try again";
	case EIO:
		return "the chip failed: see 'vtpmctl host status' and dmesg";
	case ETIMEDOUT:
		return "the chip does not answer: see 'vtpmctl host status'";
	case EPERM:
		return "not permitted: it needs CAP_SYS_ADMIN, run it as root";
	}
	return strerror(err);
}

/* @rc is 0, or the negative errno of an operation on one vTPM. */
static void check_vtpm(unsigned int number, int rc)
{
	char path[32];

	snprintf(path, sizeof(path), VTPM_PATH, number);
	switch (-rc) {
	case 0:
		return;
	case ENOENT:
		errx(EXIT_NO_VTPM, "%s: no such vTPM: see 'vtpmctl list'", path);
	case EBUSY:
		errx(EXIT_BUSY, "%s: it is open: stop who uses it ('fuser -v %s'), or use --force",
		     path, path);
	case EPERM:
		errx(EXIT_FAILURE, "%s: %s", path, chip_advice(EPERM));
	}
	errx(EXIT_FAILURE, "%s: %s", path, strerror(-rc));
}

/* A number, a device or a UUID. */
static unsigned int find_vtpm(int mux, const char *text)
{
	struct vtpm_info info;
	unsigned int number;
	__u8 uuid[16];

	if (options_parse_number(text, &number))
		return number;
	if ((!strncmp(text, "/dev/vtpm", 9) && options_parse_number(text + 9, &number)) ||
	    (!strncmp(text, "vtpm", 4) && options_parse_number(text + 4, &number)))
		return number;
	if (!options_parse_uuid(text, uuid))
		errx(EXIT_USAGE, "%s: not a vTPM: give a number below %d, a device or a UUID",
		     text, VTPM_MAX_INSTANCES);
	for (number = 0; !vtpm_mux_next(mux, number, &info);
	     number = info.number + 1)
		if (!memcmp(info.uuid, uuid, sizeof(uuid)))
			return info.number;
	errx(EXIT_NO_VTPM, "%s: no vTPM has this UUID: see 'vtpmctl list'", text);
}

static void get_info(int mux, unsigned int number, struct vtpm_info *info)
{
	check_vtpm(number, vtpm_mux_info(mux, number, info));
}

/* Which command failed, or with what file, and why. */
static void fail_make(const char *what, int rc)
{
	const char *about = given.state ? state_advice(-rc, *what == 'c') : NULL;

	if (given.state)
		what = given.state;
	if (about)
		errx(EXIT_FAILURE, "%s: %s", what, about);
	if (rc == -EEXIST)
		errx(EXIT_FAILURE,
		     "%s: the number or the UUID is taken: see 'vtpmctl list' and 'vtpmctl host ledger'",
		     what);
	if (rc == -ENOSPC)
		errx(EXIT_FAILURE, "%s: there are %d vTPMs already: destroy one",
		     what, VTPM_MAX_INSTANCES);
	errx(EXIT_FAILURE, "%s: %s", what, chip_advice(-rc));
}

static void show_made(int mux, unsigned int number)
{
	struct vtpm_info info;

	if (!print_json) {
		printf(VTPM_PATH "\n", number);
		return;
	}
	get_info(mux, number, &info);
	print_vtpm(&info, NULL, 0);
}

static void cmd_create(char **args)
{
	int mux, rc;

	(void)args;
	mux = open_mux();
	if (given.state) {
		ledger_need(mux, true);
		given.create.state_fd = state_create(given.state);
		given.create.flags |= VTPM_CREATE_STATE;
	}
	rc = vtpm_mux_create(mux, &given.create);
	if (rc && given.state)
		unlink(given.state);
	if (rc)
		fail_make("create", rc);
	if (given.state)
		state_keep(given.state);
	show_made(mux, given.create.number);
}

/* The vTPM in @path. Returns its number. */
static unsigned int open_state(int mux, const char *path)
{
	struct vtpm_open args = {
		.flags = given.create.flags,
		.number = given.create.number,
	};
	int rc;

	given.state = path;
	args.state_fd = state_open(path);
	ledger_need(mux, false);
	memcpy(args.uuid, given.create.uuid, sizeof(args.uuid));
	rc = vtpm_mux_open_state(mux, &args);
	if (rc)
		fail_make("open", rc);
	return args.number;
}

static void cmd_open(char **args)
{
	int mux = open_mux();

	show_made(mux, open_state(mux, args[0]));
}

static void cmd_list(char **args)
{
	struct vtpm_info info;
	unsigned int number;
	int mux, rc;

	(void)args;
	mux = open_mux();
	print_list_begin();
	for (number = 0; !(rc = vtpm_mux_next(mux, number, &info));
	     number = info.number + 1)
		print_list_row(&info);
	print_list_end();
	if (rc != -ENOENT)
		errx(EXIT_FAILURE, VTPM_MUX_PATH ": %s", strerror(-rc));
}

static int get_stats(int mux, unsigned int number, struct vtpm_stat **rows)
{
	int count = vtpm_mux_stats(mux, number, 0, rows);

	check_vtpm(number, count < 0 ? count : 0);
	return count;
}

static void cmd_show(char **args)
{
	struct vtpm_stat *rows = NULL;
	struct vtpm_info info;
	unsigned int number;
	int mux, count = 0;

	mux = open_mux();
	number = find_vtpm(mux, args[0]);
	get_info(mux, number, &info);
	if (given.options & OPT_STATS)
		count = get_stats(mux, number, &rows);
	print_vtpm(&info, rows, count);
	free(rows);
}

/* What changed something says in JSON what it led to; else nothing. */
static void show_if_json(int mux, unsigned int number)
{
	struct vtpm_info info;

	if (!print_json)
		return;
	get_info(mux, number, &info);
	print_vtpm(&info, NULL, 0);
}

static void cmd_power(char **args)
{
	static const char * const ops[] = {
		[VTPM_POWER_OFF] = "off",
		[VTPM_POWER_ON] = "on",
		[VTPM_POWER_RESET] = "reset",
	};
	unsigned int op, number;
	int mux;

	for (op = 0; op < ARRAY_SIZE(ops); op++)
		if (!strcmp(args[0], ops[op]))
			break;
	if (op == ARRAY_SIZE(ops))
		errx(EXIT_USAGE, "power: %s: say on, off or reset", args[0]);
	if (op == VTPM_POWER_OFF && given.options & OPT_PRESENCE)
		errx(EXIT_USAGE, "power off: no option --physical-presence here");
	mux = open_mux();
	number = find_vtpm(mux, args[1]);
	if (given.options & OPT_PRESENCE)
		check_vtpm(number, vtpm_mux_power_presence(mux, number, op));
	else
		check_vtpm(number, vtpm_mux_power(mux, number, op));
	show_if_json(mux, number);
}

static void with_snapshot(char **args,
			  void (*run)(const struct vtpm_info *info, const char *path))
{
	struct vtpm_info info;
	int mux = open_mux();

	get_info(mux, find_vtpm(mux, args[0]), &info);
	run(&info, args[1]);
	show_if_json(mux, info.number);
}

static void cmd_suspend(char **args) { with_snapshot(args, snapshot_suspend); }
static void cmd_resume(char **args) { with_snapshot(args, snapshot_resume); }
static void cmd_snapshot(char **args) { with_snapshot(args, snapshot_take); }
static void cmd_restore(char **args) { with_snapshot(args, snapshot_restore); }

/* All of @f as one event. */
static int measure_stream(int mux, unsigned int number, FILE *f)
{
	unsigned int flags = VTPM_MEASURE_START;
	static char block[VTPM_MEASURE_MAX];
	size_t n;
	int rc;

	do {
		n = fread(block, 1, sizeof(block), f);
		/* a file that cannot be read to its end is not measured */
		if (ferror(f))
			return -EIO;
		if (n < sizeof(block))
			flags |= VTPM_MEASURE_END;
		rc = vtpm_mux_measure(mux, number, flags, block, n);
		flags = 0;
	} while (!rc && n == sizeof(block));
	return rc;
}

static void cmd_measure(char **args)
{
	unsigned int number;
	int mux, rc;
	FILE *f;

	mux = open_mux();
	number = find_vtpm(mux, args[0]);
	f = strcmp(args[1], "-") ? fopen(args[1], "re") : stdin;
	if (!f)
		errx(EXIT_FAILURE, "%s: %s", args[1], strerror(errno));
	rc = measure_stream(mux, number, f);
	if (rc == -EIO)
		errx(EXIT_FAILURE, "%s: read error", args[1]);
	if (rc == -EHOSTDOWN)
		errx(EXIT_FAILURE, VTPM_PATH ": it is off: see 'vtpmctl power'", number);
	check_vtpm(number, rc);
	if (f != stdin)
		fclose(f);
	show_if_json(mux, number);
}

static void cmd_cancel(char **args)
{
	unsigned int number;
	int mux;

	mux = open_mux();
	number = find_vtpm(mux, args[0]);
	check_vtpm(number, vtpm_mux_cancel(mux, number));
	show_if_json(mux, number);
}

/* @rc is 0, or the negative errno of an operation on its vDPA device. */
static void check_vdpa(unsigned int number, int rc)
{
	if (rc == -ENOENT)
		errx(EXIT_FAILURE, VTPM_PATH ": it has no vDPA device: see --vdpa in vtpmctl(8)",
		     number);
	if (rc)
		errx(EXIT_FAILURE, VTPM_PATH ": %s", number,
		     rc == -EACCES || rc == -EPERM ? "not permitted: run it as root" :
						     strerror(-rc));
}

/* To take the device from a driver that somebody uses would wait for them. */
static void check_unused(const struct vtpm_info *info)
{
	struct vtpm_vdpa_state vdpa;

	check_vdpa(info->number, vtpm_vdpa_get_state(info->number, &vdpa));
	if (info->state & VTPM_STATE_OPEN &&
	    !strcmp(vdpa.driver, VTPM_VDPA_VHOST))
		errx(EXIT_BUSY, VTPM_PATH ": a VMM has it open: 'fuser -v %s'",
		     info->number, vdpa.node);
}

/* Waits until the driver has made a device of it: some have to be loaded. */
static void wait_for_node(unsigned int number, struct vtpm_vdpa_state *vdpa)
{
	int i;

	for (i = 0; i < 100; i++) {
		check_vdpa(number, vtpm_vdpa_get_state(number, vdpa));
		if (vdpa->node[0] && !access(vdpa->node, F_OK))
			return;
		usleep(100000);
	}
	if (given.options & OPT_HOST)
		errx(EXIT_FAILURE, VTPM_PATH ": no TPM came of it: is tpm_virtio loaded? See dmesg",
		     number);
	errx(EXIT_FAILURE, VTPM_PATH ": vhost made no device of it: see dmesg",
	     number);
}

static void cmd_attach(char **args)
{
	const char *driver = given.options & OPT_HOST ? VTPM_VDPA_VIRTIO :
						VTPM_VDPA_VHOST;
	struct vtpm_vdpa_state vdpa;
	struct vtpm_info info;
	int mux, rc;

	mux = open_mux();
	get_info(mux, find_vtpm(mux, args[0]), &info);
	check_unused(&info);
	/* A driver of the host's expects a TPM that is on, as it always is. */
	if (given.options & OPT_HOST && !(info.state & VTPM_STATE_POWERED))
		check_vtpm(info.number, vtpm_mux_power(mux, info.number,
						       VTPM_POWER_ON));
	rc = vtpm_vdpa_bind(info.number, driver);
	if (rc == -ENXIO)
		errx(EXIT_FAILURE, VTPM_PATH ": the driver is not loaded: run 'modprobe %s'",
		     info.number, driver);
	check_vdpa(info.number, rc);
	wait_for_node(info.number, &vdpa);
	if (print_json)
		show_if_json(mux, info.number);
	else
		printf("%s\n", vdpa.node);
}

static void cmd_detach(char **args)
{
	struct vtpm_info info;
	int mux;

	mux = open_mux();
	get_info(mux, find_vtpm(mux, args[0]), &info);
	check_unused(&info);
	check_vdpa(info.number, vtpm_vdpa_unbind(info.number));
	show_if_json(mux, info.number);
}

/* @done: what JSON says it is now. */
static void end_vtpm(int mux, unsigned int number, unsigned int flags, const char *done)
{
	if (given.options & OPT_FORCE)
		flags |= VTPM_DESTROY_FORCE;
	check_vtpm(number, vtpm_mux_destroy(mux, number, flags));
	if (print_json) {
		json_open_object(NULL);
		json_number("number", number);
		json_bool(done, true);
		json_close();
	}
}

static void cmd_close(char **args)
{
	struct vtpm_info info;
	int mux = open_mux();

	get_info(mux, find_vtpm(mux, args[0]), &info);
	if (!(info.flags & VTPM_CREATE_STATE))
		errx(EXIT_FAILURE, VTPM_PATH ": it has no state file: see 'destroy' in vtpmctl(8)",
		     info.number);
	end_vtpm(mux, info.number, VTPM_DESTROY_KEEP, "closed");
}

static void cmd_destroy(char **args)
{
	int mux = open_mux();

	end_vtpm(mux, given.state ? open_state(mux, given.state) : find_vtpm(mux, args[0]),
		 0, "destroyed");
}

static void cmd_forget(char **args)
{
	__u8 uuid[16];

	if (!options_parse_uuid(args[0], uuid))
		errx(EXIT_USAGE, "forget: %s: give a UUID", args[0]);
	ledger_forget(open_mux(), uuid);
}

static void cmd_stats(char **args)
{
	struct vtpm_stat *rows;
	int mux, count;

	mux = open_mux();
	if (strcmp(args[0], "chip")) {
		count = get_stats(mux, find_vtpm(mux, args[0]), &rows);
	} else {
		count = vtpm_mux_stats(mux, 0, VTPM_STATS_CHIP, &rows);
		if (count < 0)
			errx(EXIT_FAILURE, "chip: %s", strerror(-count));
	}
	print_stats(rows, count);
	free(rows);
}

static void cmd_host(char **args)
{
	static const struct {
		const char *name;
		void (*run)(int mux, const struct host_args *args);
		unsigned int needs, takes;
	} actions[] = {
		{ "status", host_status, 0, 0 },
		{ "init", host_init, 0, OPT_OWNER_AUTH_FILE | OPT_AUTHORITY | OPT_PCRS |
					OPT_REPLACE },
		{ "policy", host_policy, OPT_PCRS, 0 },
		{ "admit", host_admit_kept, 0, 0 },
		{ "admit", host_admit, OPT_AUTHORITY | OPT_PCRS | OPT_POLICY |
				       OPT_SIGNATURE, OPT_KEEP },
		{ "ledger", ledger_list, 0, 0 },
		{ "anchor", ledger_anchor, 0, OPT_LEDGER | OPT_NEW | OPT_REPLACE |
					      OPT_INTERVAL | OPT_OWNER_AUTH_FILE },
		{ "unanchor", ledger_unanchor, 0, OPT_OWNER_AUTH_FILE },
	};
	unsigned int i, options = given.options & ~OPT_JSON;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(args[0], actions[i].name) &&
		    (actions[i].run != host_admit_kept || !options))
			break;
	if (i == ARRAY_SIZE(actions))
		errx(EXIT_USAGE,
		     "host: say status, init, policy, admit, ledger, anchor or unanchor");
	if ((options & actions[i].needs) != actions[i].needs ||
	    options & ~(actions[i].needs | actions[i].takes) ||
	    (options & OPT_REPLACE && !(options & (OPT_AUTHORITY | OPT_PCRS | OPT_NEW))) ||
	    (actions[i].run == ledger_anchor && !(options & OPT_NEW) &&
	     options & OPT_OWNER_AUTH_FILE))
		errx(EXIT_USAGE, "host %s: these are not its options: see 'vtpmctl --help'",
		     args[0]);
	if (actions[i].run == host_init && options & OPT_AUTHORITY && options & OPT_PCRS)
		errx(EXIT_USAGE, "host init: say --authority or --pcrs, not both: see vtpmctl(8)");
	actions[i].run(open_mux(), &given.host);
}

static const struct command {
	const char *name;
	void (*run)(char **args);
	int args;		/* as many as these */
	unsigned int options;	/* OPT_* that it takes */
} commands[] = {
	{ "create", cmd_create, 0, OPT_NUMBER | OPT_UUID | OPT_ASSURANCE |
				   OPT_PCR_BANKS | OPT_POWER_FOLLOWS_OPEN |
				   OPT_VDPA | OPT_SNAPSHOTS | OPT_STATE },
	{ "open", cmd_open, 1, OPT_NUMBER | OPT_UUID | OPT_POWER_FOLLOWS_OPEN |
			       OPT_VDPA | OPT_SNAPSHOTS | OPT_ACCEPT },
	{ "list", cmd_list, 0, 0 },
	{ "show", cmd_show, 1, OPT_STATS },
	{ "power", cmd_power, 2, OPT_PRESENCE },
	{ "suspend", cmd_suspend, 2, 0 },
	{ "resume", cmd_resume, 2, 0 },
	{ "snapshot", cmd_snapshot, 2, 0 },
	{ "restore", cmd_restore, 2, 0 },
	{ "measure", cmd_measure, 2, 0 },
	{ "cancel", cmd_cancel, 1, 0 },
	{ "attach", cmd_attach, 1, OPT_HOST },
	{ "detach", cmd_detach, 1, 0 },
	{ "close", cmd_close, 1, OPT_FORCE },
	{ "destroy", cmd_destroy, 1, OPT_FORCE | OPT_STATE },
	{ "forget", cmd_forget, 1, 0 },
	{ "stats", cmd_stats, 1, 0 },
	{ "host", cmd_host, 1, OPT_OWNER_AUTH_FILE | OPT_AUTHORITY | OPT_REPLACE |
			       OPT_PCRS | OPT_POLICY | OPT_SIGNATURE | OPT_LEDGER |
			       OPT_NEW | OPT_INTERVAL | OPT_KEEP },
};

/* The command that is named, if it goes with the options and arguments. */
static const struct command *find_command(const char *name, int args)
{
	const struct command *c;
	const char *wrong;

	for (c = commands; c < commands + ARRAY_SIZE(commands); c++)
		if (!strcmp(name, c->name))
			break;
	if (c == commands + ARRAY_SIZE(commands))
		errx(EXIT_USAGE, "%s: no such command: see 'vtpmctl --help'",
		     name);
	wrong = options_first(given.options & ~(c->options | OPT_JSON));
	if (wrong)
		errx(EXIT_USAGE, "%s: no option --%s here: see 'vtpmctl --help'", name, wrong);
	/* The file is the vTPM. */
	if (c->run == cmd_destroy && given.options & OPT_STATE)
		args++;
	if (args != c->args)
		errx(EXIT_USAGE, "%s: %s arguments: see 'vtpmctl --help'", name,
		     args < c->args ? "missing" : "too many");
	return c;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int first;

	first = options_parse(argc, argv);
	command = find_command(argv[first], argc - first - 1);
	command->run(argv + first + 1);
	if (fflush(stdout) || ferror(stdout))
		errx(EXIT_FAILURE, "standard output: %s", strerror(errno));
	return EXIT_SUCCESS;
}
