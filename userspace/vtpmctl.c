// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmctl: makes, lists, switches and destroys virtual TPMs. See vtpmctl.8.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binding.h"
#include "host.h"
#include "json.h"
#include "ledger.h"
#include "print.h"
#include "snapshot.h"
#include "state.h"

/* Options by bit, so that a command can say which it takes. */
enum {
	OPT_JSON = 1 << 0,
	OPT_HELP = 1 << 1,
	OPT_NUMBER = 1 << 2,
	OPT_UUID = 1 << 3,
	OPT_ASSURANCE = 1 << 4,
	OPT_PCR_BANKS = 1 << 5,
	OPT_POWER_FOLLOWS_OPEN = 1 << 6,
	OPT_STATS = 1 << 7,
	OPT_FORCE = 1 << 8,
	OPT_OWNER_AUTH_FILE = 1 << 9,
	OPT_PRESENCE = 1 << 10,
	OPT_VDPA = 1 << 11,
	OPT_HOST = 1 << 12,
	OPT_STATE = 1 << 13,
	OPT_SNAPSHOTS = 1 << 14,
	OPT_AUTHORITY = 1 << 15,
	OPT_REPLACE = 1 << 16,
	OPT_PCRS = 1 << 17,
	OPT_POLICY = 1 << 18,
	OPT_SIGNATURE = 1 << 19,
	OPT_ACCEPT = 1 << 20,
	OPT_LEDGER = 1 << 21,
	OPT_NEW = 1 << 22,
	OPT_INTERVAL = 1 << 23,
	OPT_KEEP = 1 << 24,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "number", required_argument, NULL, OPT_NUMBER },
	{ "uuid", required_argument, NULL, OPT_UUID },
	{ "assurance", required_argument, NULL, OPT_ASSURANCE },
	{ "pcr-banks", required_argument, NULL, OPT_PCR_BANKS },
	{ "power-follows-open", no_argument, NULL, OPT_POWER_FOLLOWS_OPEN },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "owner-auth-file", required_argument, NULL, OPT_OWNER_AUTH_FILE },
	{ "physical-presence", no_argument, NULL, OPT_PRESENCE },
	{ "vdpa", no_argument, NULL, OPT_VDPA },
	{ "host", no_argument, NULL, OPT_HOST },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "snapshots", no_argument, NULL, OPT_SNAPSHOTS },
	{ "authority", required_argument, NULL, OPT_AUTHORITY },
	{ "replace", no_argument, NULL, OPT_REPLACE },
	{ "pcrs", required_argument, NULL, OPT_PCRS },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "signature", required_argument, NULL, OPT_SIGNATURE },
	{ "accept-rollback", no_argument, NULL, OPT_ACCEPT },
	{ "ledger", required_argument, NULL, OPT_LEDGER },
	{ "new", no_argument, NULL, OPT_NEW },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ "keep", no_argument, NULL, OPT_KEEP },
	{ }
};

static const char usage_text[] =
"Usage: vtpmctl [--json] COMMAND\n"
"\n"
"  create [--number N] [--uuid UUID] [--assurance auto|hardware|software]\n"
"         [--pcr-banks sha1,sha256,sha384,sha512] [--power-follows-open]\n"
"         [--vdpa] [--snapshots] [--state FILE]\n"
"                             make a virtual TPM and print its device\n"
"  open FILE [--number N] [--uuid UUID] [--power-follows-open] [--vdpa]\n"
"         [--snapshots] [--accept-rollback]\n"
"                             make it again from its state file\n"
"  list                       list all\n"
"  show VTPM [--stats]        describe one\n"
"  power on|off|reset VTPM [--physical-presence]\n"
"                             switch it\n"
"  suspend VTPM FILE          switch it off, and keep in a file what it would lose\n"
"  resume VTPM FILE           let it go on there\n"
"  snapshot VTPM FILE         copy all of its state into a file\n"
"  restore VTPM FILE          make it what it was then\n"
"  measure VTPM FILE          measure a file into it\n"
"  cancel VTPM                make the chip give up what it does for it\n"
"  attach [--host] VTPM       give its vDPA device to vhost, or to the host itself\n"
"  detach VTPM                take it back\n"
"  close [--force] VTPM       end it, and keep its state file\n"
"  destroy [--force] VTPM     wipe it, its keys and its state\n"
"  destroy --state FILE       the same, of one that is not open\n"
"  forget UUID                refuse what there is of its state files anywhere\n"
"  stats VTPM|chip            count what its commands did, or the chip's\n"
"  host status                describe the physical TPM\n"
"  host init [--owner-auth-file FILE]\n"
"         [--authority PEM [--replace] | --pcrs BANK:N,N... [--replace]]\n"
"                             make the keys in the physical TPM, bound to what the\n"
"                             authority admits, or to its present PCRs for good\n"
"  host policy --pcrs BANK:N,N...\n"
"                             write what it has to sign to admit the present state\n"
"  host admit --authority PEM --pcrs BANK:N,N... --policy FILE --signature FILE\n"
"         [--keep]            admit a state of the host that it has signed\n"
"  host admit                 admit all that are kept, as at each boot\n"
"  host ledger                list the vTPMs that the ledger knows\n"
"  host anchor [--ledger FILE] [--interval SECONDS] [--new [--replace]\n"
"         [--owner-auth-file FILE]]\n"
"                             attach the ledger, or make one\n"
"  host unanchor [--owner-auth-file FILE]\n"
"                             give it up: no state file can be used then\n"
"\n"
"VTPM is a number, a device (/dev/vtpm0) or a UUID.\n";

/* What the command line said. */
static unsigned int given;
static struct vtpm_create create_args;
static const char *state_file;
static struct host_args host_args;

static int open_mux(void)
{
	int mux = vtpm_mux_open();

	switch (-mux) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		errx(EXIT_NO_MUX, VTPM_MUX_PATH
		     ": no such device: is the module loaded? (insmod vtpm_mux.ko)");
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

static bool parse_number(const char *text, unsigned int *number)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value >= VTPM_MAX_INSTANCES)
		return false;
	*number = value;
	return true;
}

static bool parse_uuid(const char *text, __u8 uuid[16])
{
	char again[UUID_LEN + 1];
	const char *p = text;
	int i;

	if (strlen(text) != UUID_LEN)
		return false;
	for (i = 0; i < 16; i++) {
		if (*p == '-')
			p++;
		if (sscanf(p, "%2hhx", &uuid[i]) != 1)
			return false;
		p += 2;
	}
	format_uuid(again, uuid);
	return !strcasecmp(text, again);
}

/* A number, a device or a UUID. */
static unsigned int find_vtpm(int mux, const char *text)
{
	struct vtpm_info info;
	unsigned int number;
	__u8 uuid[16];

	if (parse_number(text, &number))
		return number;
	if ((!strncmp(text, "/dev/vtpm", 9) && parse_number(text + 9, &number)) ||
	    (!strncmp(text, "vtpm", 4) && parse_number(text + 4, &number)))
		return number;
	if (!parse_uuid(text, uuid))
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

/* Which command failed, with what file, and why. */
static void fail_make(const char *what, int rc)
{
	const char *about = state_file ? state_advice(-rc, *what == 'c') : NULL;

	if (about)
		errx(EXIT_FAILURE, "%s: %s", state_file, about);
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
	if (state_file) {
		ledger_need(mux, true);
		create_args.state_fd = state_create(state_file);
		create_args.flags |= VTPM_CREATE_STATE;
	}
	rc = vtpm_mux_create(mux, &create_args);
	if (rc && state_file)
		unlink(state_file);
	if (rc)
		fail_make("create", rc);
	if (state_file)
		state_keep(state_file);
	show_made(mux, create_args.number);
}

/* The vTPM in @path. Returns its number. */
static unsigned int open_state(int mux, const char *path)
{
	struct vtpm_open args = {
		.flags = create_args.flags,
		.number = create_args.number,
	};
	int rc;

	state_file = path;
	args.state_fd = state_open(path);
	ledger_need(mux, false);
	memcpy(args.uuid, create_args.uuid, sizeof(args.uuid));
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
	if (given & OPT_STATS)
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
	if (op == VTPM_POWER_OFF && given & OPT_PRESENCE)
		errx(EXIT_USAGE, "power off: no option --physical-presence here");
	mux = open_mux();
	number = find_vtpm(mux, args[1]);
	if (given & OPT_PRESENCE)
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
	if (given & OPT_HOST)
		errx(EXIT_FAILURE, VTPM_PATH ": no TPM came of it: is tpm_virtio loaded? See dmesg",
		     number);
	errx(EXIT_FAILURE, VTPM_PATH ": vhost made no device of it: see dmesg",
	     number);
}

static void cmd_attach(char **args)
{
	const char *driver = given & OPT_HOST ? VTPM_VDPA_VIRTIO :
						VTPM_VDPA_VHOST;
	struct vtpm_vdpa_state vdpa;
	struct vtpm_info info;
	int mux, rc;

	mux = open_mux();
	get_info(mux, find_vtpm(mux, args[0]), &info);
	check_unused(&info);
	/* A driver of the host's expects a TPM that is on, as it always is. */
	if (given & OPT_HOST && !(info.state & VTPM_STATE_POWERED))
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
	if (given & OPT_FORCE)
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

	end_vtpm(mux, state_file ? open_state(mux, state_file) : find_vtpm(mux, args[0]),
		 0, "destroyed");
}

static void cmd_forget(char **args)
{
	__u8 uuid[16];

	if (!parse_uuid(args[0], uuid))
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
	unsigned int i, options = given & ~OPT_JSON;

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
	host_args.replace = options & OPT_REPLACE;
	host_args.keep = options & OPT_KEEP;
	host_args.new = options & OPT_NEW;
	actions[i].run(open_mux(), &host_args);
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

static void parse_assurance(const char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(assurance_names); i++) {
		if (!strcmp(text, assurance_names[i])) {
			create_args.assurance = i;
			return;
		}
	}
	errx(EXIT_USAGE, "--assurance: %s: say auto, hardware or software", text);
}

static void parse_banks(char *text)
{
	unsigned int i;
	char *bank;

	for (bank = strtok(text, ","); bank; bank = strtok(NULL, ",")) {
		for (i = 0; i < ARRAY_SIZE(bank_names); i++)
			if (!strcmp(bank, bank_names[i]))
				break;
		if (i == ARRAY_SIZE(bank_names))
			errx(EXIT_USAGE, "--pcr-banks: %s: say sha1, sha256, sha384 or sha512",
			     bank);
		create_args.pcr_banks |= 1u << i;
	}
	if (!create_args.pcr_banks)
		errx(EXIT_USAGE, "--pcr-banks: name one at least");
}

static void parse_option(int option, char **argv)
{
	unsigned int number;

	given |= option;
	switch (option) {
	case OPT_JSON:
		print_json = true;
		break;
	case OPT_HELP:
		fputs(usage_text, stdout);
		exit(EXIT_SUCCESS);
	case OPT_NUMBER:
		if (!parse_number(optarg, &number))
			errx(EXIT_USAGE, "--number: %s: give a number from 0 to %d",
			     optarg, VTPM_MAX_INSTANCES - 1);
		create_args.number = number;
		create_args.flags |= VTPM_CREATE_NUMBER;
		break;
	case OPT_UUID:
		if (!parse_uuid(optarg, create_args.uuid))
			errx(EXIT_USAGE, "--uuid: %s: not a UUID", optarg);
		break;
	case OPT_ASSURANCE:
		parse_assurance(optarg);
		break;
	case OPT_PCR_BANKS:
		parse_banks(optarg);
		break;
	case OPT_POWER_FOLLOWS_OPEN:
		create_args.flags |= VTPM_CREATE_POWER_FOLLOWS_OPEN;
		break;
	case OPT_OWNER_AUTH_FILE:
		host_args.owner_auth_file = optarg;
		break;
	case OPT_AUTHORITY:
		host_args.authority = optarg;
		break;
	case OPT_PCRS:
		host_parse_pcrs(&host_args, optarg);
		break;
	case OPT_POLICY:
		host_args.policy = optarg;
		break;
	case OPT_SIGNATURE:
		host_args.signature = optarg;
		break;
	case OPT_STATE:
		state_file = optarg;
		break;
	case OPT_VDPA:
		create_args.flags |= VTPM_CREATE_VDPA;
		break;
	case OPT_SNAPSHOTS:
		create_args.flags |= VTPM_CREATE_SNAPSHOTS;
		break;
	case OPT_ACCEPT:
		create_args.flags |= VTPM_OPEN_ACCEPT;
		break;
	case OPT_LEDGER:
		host_args.ledger = optarg;
		break;
	case OPT_INTERVAL:
		ledger_parse_interval(&host_args, optarg);
		break;
	case OPT_KEEP:
	case OPT_NEW:
	case OPT_STATS:
	case OPT_FORCE:
	case OPT_PRESENCE:
	case OPT_HOST:
	case OPT_REPLACE:
		break;
	default:
		errx(EXIT_USAGE, "%s: %s: see 'vtpmctl --help'", argv[optind - 1],
		     option == ':' ? "a value is missing" : "not an option");
	}
}

/* The command that is named, if it goes with the options and arguments. */
static const struct command *find_command(const char *name, int args)
{
	const struct command *c;
	unsigned int i, wrong;

	for (c = commands; c < commands + ARRAY_SIZE(commands); c++)
		if (!strcmp(name, c->name))
			break;
	if (c == commands + ARRAY_SIZE(commands))
		errx(EXIT_USAGE, "%s: no such command: see 'vtpmctl --help'",
		     name);
	wrong = given & ~(c->options | OPT_JSON);
	for (i = 0; wrong && options[i].name; i++)
		if (wrong & options[i].val)
			errx(EXIT_USAGE, "%s: no option --%s here: see 'vtpmctl --help'",
			     name, options[i].name);
	/* The file is the vTPM. */
	if (c->run == cmd_destroy && given & OPT_STATE)
		args++;
	if (args != c->args)
		errx(EXIT_USAGE, "%s: %s arguments: see 'vtpmctl --help'", name,
		     args < c->args ? "missing" : "too many");
	return c;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int option;

	/* ':' first: tell a missing value, and leave the message to us. */
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
		parse_option(option, argv);
	if (optind == argc) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[optind], argc - optind - 1);
	command->run(argv + optind + 1);
	if (fflush(stdout) || ferror(stdout))
		errx(EXIT_FAILURE, "standard output: %s", strerror(errno));
	return EXIT_SUCCESS;
}
