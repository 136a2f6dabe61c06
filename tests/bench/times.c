// SPDX-License-Identifier: GPL-2.0
/*
 * The time that a virtual TPM's commands take beside a software TPM's.
 *
 * Prints lines of tab-separated fields for tests/bench/run:
 *
 *	time NAME DEVICE ROUNDS MIN_NS MEDIAN_NS MEAN_NS P95_NS CHIP_COMMANDS
 *	skip NAME DEVICE RESPONSE_CODE COMMAND_CODE
 *
 * The two take turns in every round, so that whatever else the machine does
 * disturbs both alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../userspace/libvtpm.h"
#include "cases.h"
#include "script.h"
#include "tpm.h"

#define ROUNDS		200
#define MIN_ROUNDS	5
#define WARMUP		2
#define BUDGET_NS	2000000000ull	/* for one command, preparations included */

const char *program = "times";

static const char *const usage =
	"Usage: times [-n ROUNDS] [-m TEXT] VTPM SWTPM\n"
	"\n"
	"  -n ROUNDS  measurements of each command (200); slow ones get fewer\n"
	"  -m TEXT    only commands with this in their names\n"
	"  VTPM       a started virtual TPM, /dev/vtpm0\n"
	"  SWTPM      unix socket of a software TPM\n";

static struct side sides[2];
static int mux = -1;
static unsigned int vtpm_number;

static uint64_t chip_commands(const struct side *s)
{
	struct vtpm_info info;
	int rc;

	if (s != &sides[0] || mux < 0)
		return 0;
	rc = vtpm_mux_info(mux, vtpm_number, &info);
	if (rc)
		die("%s: %s", VTPM_MUX_PATH, strerror(-rc));
	return info.chip_commands;
}

/* A step that is not measured; it has to succeed. */
static uint32_t step(struct side *s, const char *text)
{
	uint32_t rc;

	script_build(s, text);
	rc = tpm_transmit(&s->tpm, &s->cmd, &s->rsp);
	if (!rc)
		script_results(s, text);
	return rc;
}

static uint32_t steps(struct side *s, const char *const *list)
{
	uint32_t rc = 0;

	for (unsigned int i = 0; i < CASE_STEPS && list[i] && !rc; i++)
		rc = step(s, list[i]);
	return rc;
}

/* What is left of a case, whether or not it is there any more. */
static void clean(struct side *s)
{
	struct msg cmd, rsp;

	for (unsigned int i = 0; i < SCRIPT_HANDLES; i++) {
		if (!s->handle[i])
			continue;
		script_build(s, "FlushContext %0");
		cmd = s->cmd;
		set16(&cmd, TPM_HEADER, s->handle[i] >> 16);
		set16(&cmd, TPM_HEADER + 2, s->handle[i]);
		tpm_transmit(&s->tpm, &cmd, &rsp);
	}
	memset(s->handle, 0, sizeof(s->handle));
	step(s, "NV_UndefineSpace owner 4:01000100 pw");
}

static uint32_t measure(struct side *s, const struct timing *t, struct times *times,
			uint64_t *chip)
{
	uint64_t begin, end, before;
	uint32_t rc = steps(s, t->each);

	if (rc)
		return rc;
	script_build(s, t->timed);
	before = chip_commands(s);
	begin = now_ns();
	rc = tpm_transmit(&s->tpm, &s->cmd, &s->rsp);
	end = now_ns();
	*chip += chip_commands(s) - before;
	if (rc)
		return rc;
	times->ns[times->count++] = end - begin;
	script_results(s, t->timed);
	return steps(s, t->after);
}

static void measure_case(const struct timing *t, size_t rounds)
{
	size_t least = t->least ?: MIN_ROUNDS, max = WARMUP + (rounds > least ? rounds : least);
	struct times *times[2] = { times_alloc(max), times_alloc(max) };
	uint64_t chip[2] = { 0 }, begin;
	uint32_t rc = 0;
	size_t round;
	int i;

	for (i = 0; i < 2 && !rc; i++)
		rc = steps(&sides[i], t->setup);
	begin = now_ns();
	for (round = 0; round < max && !rc; round++) {
		if (round == WARMUP)
			times[0]->count = times[1]->count = chip[0] = 0;
		if (round >= WARMUP + least && now_ns() - begin > BUDGET_NS)
			break;
		for (i = 0; i < 2 && !rc; i++)
			rc = measure(&sides[i], t, times[i], &chip[i]);
	}
	if (rc) {
		i--;
		printf("skip\t%s\t%s\t0x%x\t%x\n", t->name, sides[i].tpm.name, rc,
		       get32(&sides[i].cmd, 6));
	}
	for (i = 0; i < 2; i++) {
		if (rc)
			free(times[i]);
		else
			times_print(times[i], t->name, sides[i].tpm.name, chip[i]);
		clean(&sides[i]);
	}
}

static void open_chip_counter(void)
{
	struct vtpm_info info;
	int rc;

	mux = vtpm_mux_open();
	if (mux < 0)
		die("%s: %s", VTPM_MUX_PATH, strerror(-mux));
	rc = vtpm_dev_info(sides[0].tpm.fd, &info);
	if (rc)
		die("%s: %s", sides[0].tpm.name, strerror(-rc));
	vtpm_number = info.number;
}

int main(int argc, char **argv)
{
	size_t rounds = ROUNDS;
	const char *match = "";
	int opt;

	while ((opt = getopt(argc, argv, "hm:n:")) != -1) {
		switch (opt) {
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'm':
			match = optarg;
			break;
		case 'n':
			rounds = strtoul(optarg, NULL, 10);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc - optind != 2 || rounds < MIN_ROUNDS) {
		fputs(usage, stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	tpm_open(&sides[0].tpm, argv[optind]);
	tpm_open(&sides[1].tpm, argv[optind + 1]);
	if (!sides[0].tpm.stream)
		open_chip_counter();
	for (size_t i = 0; i < timing_count; i++)
		if (strstr(timings[i].name, match))
			measure_case(&timings[i], rounds);
	return 0;
}
