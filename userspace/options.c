// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmctl: what the command line can say, and what it said.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "options.h"
#include "print.h"

struct options given;

static const struct option table[] = {
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

static const char usage[] =
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

bool options_parse_number(const char *text, unsigned int *number)
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

bool options_parse_uuid(const char *text, __u8 uuid[16])
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

static void parse_assurance(const char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(assurance_names); i++) {
		if (!strcmp(text, assurance_names[i])) {
			given.create.assurance = i;
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
		given.create.pcr_banks |= 1u << i;
	}
	if (!given.create.pcr_banks)
		errx(EXIT_USAGE, "--pcr-banks: name one at least");
}

static void parse_option(int option, char **argv)
{
	unsigned int number;

	given.options |= option;
	switch (option) {
	case OPT_JSON:
		print_json = true;
		break;
	case OPT_HELP:
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	case OPT_NUMBER:
		if (!options_parse_number(optarg, &number))
			errx(EXIT_USAGE, "--number: %s: give a number from 0 to %d",
			     optarg, VTPM_MAX_INSTANCES - 1);
		given.create.number = number;
		given.create.flags |= VTPM_CREATE_NUMBER;
		break;
	case OPT_UUID:
		if (!options_parse_uuid(optarg, given.create.uuid))
			errx(EXIT_USAGE, "--uuid: %s: not a UUID", optarg);
		break;
	case OPT_ASSURANCE:
		parse_assurance(optarg);
		break;
	case OPT_PCR_BANKS:
		parse_banks(optarg);
		break;
	case OPT_POWER_FOLLOWS_OPEN:
		given.create.flags |= VTPM_CREATE_POWER_FOLLOWS_OPEN;
		break;
	case OPT_OWNER_AUTH_FILE:
		given.host.owner_auth_file = optarg;
		break;
	case OPT_AUTHORITY:
		given.host.authority = optarg;
		break;
	case OPT_PCRS:
		host_parse_pcrs(&given.host, optarg);
		break;
	case OPT_POLICY:
		given.host.policy = optarg;
		break;
	case OPT_SIGNATURE:
		given.host.signature = optarg;
		break;
	case OPT_STATE:
		given.state = optarg;
		break;
	case OPT_VDPA:
		given.create.flags |= VTPM_CREATE_VDPA;
		break;
	case OPT_SNAPSHOTS:
		given.create.flags |= VTPM_CREATE_SNAPSHOTS;
		break;
	case OPT_ACCEPT:
		given.create.flags |= VTPM_OPEN_ACCEPT;
		break;
	case OPT_LEDGER:
		given.host.ledger = optarg;
		break;
	case OPT_INTERVAL:
		ledger_parse_interval(&given.host, optarg);
		break;
	case OPT_KEEP:
		given.host.keep = true;
		break;
	case OPT_NEW:
		given.host.new = true;
		break;
	case OPT_REPLACE:
		given.host.replace = true;
		break;
	case OPT_STATS:
	case OPT_FORCE:
	case OPT_PRESENCE:
	case OPT_HOST:
		break;
	default:
		errx(EXIT_USAGE, "%s: %s: see 'vtpmctl --help'", argv[optind - 1],
		     option == ':' ? "a value is missing" : "not an option");
	}
}

const char *options_first(unsigned int options)
{
	unsigned int i;

	for (i = 0; table[i].name; i++)
		if (options & table[i].val)
			return table[i].name;
	return NULL;
}

int options_parse(int argc, char **argv)
{
	int option;

	/* ':' first: tell a missing value, and leave the message to us. */
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1)
		parse_option(option, argv);
	if (optind == argc) {
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
	return optind;
}
