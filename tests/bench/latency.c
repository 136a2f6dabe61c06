// SPDX-License-Identifier: GPL-2.0
/*
 * The time that a few commands take as a guest sees them, one after the other,
 * through its own driver.
 *
 * Prints lines of tab-separated fields for tests/bench/run:
 *
 *	time COMMAND NAME ROUNDS MIN_NS MEDIAN_NS MEAN_NS P95_NS 0
 *
 * A byte to I/O port 0xf4 before each command's rounds and another behind them
 * tell the host between which exits of the guest they were.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "tpm.h"

#define WARMUP		5
#define MARK_PORT	0xf4

const char *program = "latency";

static const char *const usage =
	"Usage: latency DEVICE NAME ROUNDS COMMAND...\n"
	"\n"
	"  DEVICE   /dev/tpm0\n"
	"  NAME     in the output\n"
	"  COMMAND  PCR_Extend, GetRandom, or Sign: ECDSA P-256, a key of the owner\n";

static struct msg cmd, rsp;
static int ports;
static uint8_t marks;

static void mark(void)
{
	marks++;
	if (pwrite(ports, &marks, 1, MARK_PORT) != 1)
		die("/dev/port: %m");
}

static void build(const struct tpm *tpm, const char *command)
{
	if (!strcmp(command, "PCR_Extend")) {
		cmd_pcr_extend(&cmd);
	} else if (!strcmp(command, "GetRandom")) {
		cmd_get_random(&cmd);
	} else if (!strcmp(command, "Sign")) {
		cmd_create_ecc(&cmd, TPM_RH_OWNER, OBJECT_SIGN);
		tpm_run(tpm, &cmd, &rsp);
		cmd_sign(&cmd, get32(&rsp, TPM_HEADER));
	} else {
		fputs(usage, stderr);
		exit(2);
	}
}

static void measure(const struct tpm *tpm, const char *command, const char *name,
		    size_t rounds)
{
	struct times *times = times_alloc(rounds);
	uint64_t begin;

	build(tpm, command);
	for (size_t i = 0; i < WARMUP; i++)
		tpm_run(tpm, &cmd, &rsp);
	mark();
	while (times->count < rounds) {
		begin = now_ns();
		tpm_run(tpm, &cmd, &rsp);
		times->ns[times->count++] = now_ns() - begin;
	}
	mark();
	times_print(times, command, name, 0);
}

int main(int argc, char **argv)
{
	struct tpm tpm;
	size_t rounds;

	rounds = argc < 5 ? 0 : strtoul(argv[3], NULL, 10);
	if (!rounds) {
		fputs(usage, stderr);
		return 2;
	}
	ports = open("/dev/port", O_WRONLY | O_CLOEXEC);
	if (ports < 0)
		die("/dev/port: %m");
	tpm_open(&tpm, argv[1]);
	for (int i = 4; i < argc; i++)
		measure(&tpm, argv[i], argv[2], rounds);
	return 0;
}
