// SPDX-License-Identifier: GPL-2.0
/*
 * What commands of a virtual TPM cost in commands of the chip, and the time of
 * the chip's signatures.
 *
 * Runs in the test host and prints lines of tab-separated fields for
 * tests/bench/run:
 *
 *	cost ID NAME EXPECTED ROUNDS CHIP_COMMANDS
 *	time Sign DEVICE ROUNDS MIN_NS MEDIAN_NS MEAN_NS P95_NS 0
 *
 * The chip's own log is the second witness of the costs. A TPM2_StirRandom
 * with text in it, sent to the chip itself, marks there what belongs to which
 * ID: "mark:ID" before, "mark:" behind.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../userspace/libvtpm.h"
#include "cmd.h"
#include "tpm.h"

#define COST_ROUNDS	9
#define SIGN_BLOCKS	10
#define SIGN_ROUNDS	20	/* in a block */

const char *program = "cost";

static struct tpm vtpm, chip_rm;
static const char *chip_path;
static int mux;
static unsigned int vtpm_number;

/* A command that answers with a handle. */
static uint32_t run_handle(const struct tpm *tpm, const struct msg *cmd)
{
	struct msg rsp;

	tpm_run(tpm, cmd, &rsp);
	return get32(&rsp, TPM_HEADER);
}

static void flush(const struct tpm *tpm, uint32_t handle)
{
	struct msg cmd, rsp;

	cmd_flush(&cmd, handle);
	tpm_run(tpm, &cmd, &rsp);
}

/* Leaves a mark in the chip's log. The device allows one user at a time. */
static void mark(const char *id)
{
	struct tpm chip = { 0 };
	struct msg cmd, rsp;
	char text[64];

	snprintf(text, sizeof(text), "mark:%s", id);
	tpm_open(&chip, chip_path);
	cmd_stir_random(&cmd, text);
	tpm_run(&chip, &cmd, &rsp);
	close(chip.fd);
}

static uint64_t chip_commands(void)
{
	struct vtpm_info info;
	int rc = vtpm_mux_info(mux, vtpm_number, &info);

	if (rc)
		die("%s: %s", VTPM_MUX_PATH, strerror(-rc));
	return info.chip_commands;
}

/* Keys on the vTPM. Those that are loaded below @parent come from @created. */
static struct {
	uint32_t parent;
	uint32_t ecc;
	uint32_t rsa;
	uint32_t ak;
	uint32_t data;
	struct msg created;
} keys;

static uint32_t load(uint32_t parent, const struct msg *created)
{
	struct msg cmd;

	cmd_load(&cmd, parent, created);
	return run_handle(&vtpm, &cmd);
}

static void make_keys(void)
{
	struct msg cmd, rsp;

	cmd_create_ecc(&cmd, TPM_RH_OWNER, OBJECT_STORAGE);
	keys.parent = run_handle(&vtpm, &cmd);

	cmd_create_ecc(&cmd, keys.parent, OBJECT_SIGN);
	tpm_run(&vtpm, &cmd, &keys.created);
	keys.ecc = load(keys.parent, &keys.created);

	cmd_create_rsa(&cmd, keys.parent);
	tpm_run(&vtpm, &cmd, &rsp);
	keys.rsa = load(keys.parent, &rsp);

	cmd_create_ecc(&cmd, keys.parent, OBJECT_ATTEST);
	tpm_run(&vtpm, &cmd, &rsp);
	keys.ak = load(keys.parent, &rsp);

	cmd_create_data(&cmd, keys.parent);
	tpm_run(&vtpm, &cmd, &rsp);
	keys.data = load(keys.parent, &rsp);
}

/* What puts the chip into the state in which a command is to be measured. */

static void use_ecc(void)
{
	struct msg cmd, rsp;

	cmd_sign(&cmd, keys.ecc);
	tpm_run(&vtpm, &cmd, &rsp);
}

static void use_rsa(void)
{
	struct msg cmd, rsp;

	cmd_sign(&cmd, keys.rsa);
	tpm_run(&vtpm, &cmd, &rsp);
}

/* Its key has then been used before, and is in the chip no more. */
static void evict_rsa(void)
{
	use_rsa();
	use_ecc();
}

static void use_ak(void)
{
	struct msg cmd, rsp;

	cmd_quote(&cmd, keys.ak);
	tpm_run(&vtpm, &cmd, &rsp);
}

static void evict_ak(void)
{
	use_ak();
	use_ecc();
}

static void use_data(void)
{
	struct msg cmd, rsp;

	cmd_unseal(&cmd, keys.data);
	tpm_run(&vtpm, &cmd, &rsp);
}

/* The vTPM's own parent key is the one in the chip. */
static void use_parent(void)
{
	struct msg cmd, rsp;

	cmd_create_ecc(&cmd, keys.parent, OBJECT_SIGN);
	tpm_run(&vtpm, &cmd, &rsp);
}

/* A new object, loaded in the vTPM and never yet in the chip. */
static uint32_t fresh;

static void load_fresh(void)
{
	struct msg cmd, rsp;

	if (fresh)
		flush(&vtpm, fresh);
	cmd_create_ecc(&cmd, keys.parent, OBJECT_SIGN);
	tpm_run(&vtpm, &cmd, &rsp);
	fresh = load(keys.parent, &rsp);
}

static void load_fresh_evict(void)
{
	load_fresh();
	use_ecc();
}

/* The commands. Each gets what the one before it left to be flushed. */

static void do_pcr_extend(struct msg *cmd)
{
	cmd_pcr_extend(cmd);
}

static void do_get_random(struct msg *cmd)
{
	cmd_get_random(cmd);
}

static void do_nv_write(struct msg *cmd)
{
	cmd_nv_write(cmd);
}

static void do_load(struct msg *cmd)
{
	cmd_load(cmd, keys.parent, &keys.created);
}

static void do_sign_ecc(struct msg *cmd)
{
	cmd_sign(cmd, keys.ecc);
}

static void do_sign_rsa(struct msg *cmd)
{
	cmd_sign(cmd, keys.rsa);
}

static void do_sign_fresh(struct msg *cmd)
{
	cmd_sign(cmd, fresh);
}

static void do_create_ecc(struct msg *cmd)
{
	cmd_create_ecc(cmd, keys.parent, OBJECT_SIGN);
}

static void do_create_data(struct msg *cmd)
{
	cmd_create_data(cmd, keys.parent);
}

/* Primaries are remembered: only a template that differs makes a new one. */
static void do_primary_new(struct msg *cmd)
{
	static uint8_t unique;

	cmd_create_ecc(cmd, TPM_RH_OWNER, OBJECT_SIGN);
	/* x and y are the last 4 bytes before outsideInfo and creationPCR. */
	cmd->len -= 10;
	put_bytes(cmd, 1, ++unique);
	put16(cmd, 0);
	create_end(cmd);
	/* inPublic: after header, handle, authorization, inSensitive */
	set16(cmd, 33, get16(cmd, 33) + 1);
}

static void do_primary_again(struct msg *cmd)
{
	cmd_create_ecc(cmd, TPM_RH_OWNER, OBJECT_STORAGE);
}

static void do_quote(struct msg *cmd)
{
	cmd_quote(cmd, keys.ak);
}

static void do_unseal(struct msg *cmd)
{
	cmd_unseal(cmd, keys.data);
}

/**
 * struct cost - a command whose chip commands are counted
 * @id: in the chip's log
 * @name: in the table
 * @expected: chip commands
 * @prepare: makes the chip's state, or NULL
 * @build: the command
 * @handle: it answers with the handle of an object
 */
static const struct cost {
	const char *id;
	const char *name;
	unsigned int expected;
	void (*prepare)(void);
	void (*build)(struct msg *cmd);
	bool handle;
} costs[] = {
	{ "extend", "PCR_Extend", 0, NULL, do_pcr_extend, false },
	{ "random", "GetRandom", 0, NULL, do_get_random, false },
	{ "nvwrite", "NV_Write", 0, NULL, do_nv_write, false },
	{ "load", "Load", 0, NULL, do_load, true },
	{ "again", "CreatePrimary, again", 0, NULL, do_primary_again, true },
	{ "ecc", "Sign, ECDSA P-256, key in the chip", 1, use_ecc, do_sign_ecc, false },
	{ "rsa", "Sign, RSA-2048, key in the chip", 1, use_rsa, do_sign_rsa, false },
	{ "rsaout", "Sign, RSA-2048, key evicted", 3, evict_rsa, do_sign_rsa, false },
	{ "quote", "Quote, key in the chip", 1, use_ak, do_quote, false },
	{ "quoteout", "Quote, key evicted", 3, evict_ak, do_quote, false },
	{ "unseal", "Unseal, not the first", 0, use_data, do_unseal, false },
	{ "create", "Create, ECC P-256, VMK in the chip", 1, use_parent, do_create_ecc, false },
	{ "createout", "Create, ECC P-256, VMK evicted", 3, use_ecc, do_create_ecc, false },
	{ "seal", "Create, sealed data, not the first", 0, use_data, do_create_data, false },
	{ "primary", "CreatePrimary, new, VMK in the chip", 1, use_parent, do_primary_new, true },
	{ "first", "first Sign after Load, VMK in the chip", 4, load_fresh, do_sign_fresh, false },
	{ "firstout", "first Sign after Load, VMK evicted", 6, load_fresh_evict, do_sign_fresh, false },
};

static void measure_cost(const struct cost *c)
{
	uint64_t counts[COST_ROUNDS], before;
	struct msg cmd, rsp;

	for (int i = 0; i < COST_ROUNDS; i++) {
		if (c->prepare)
			c->prepare();
		c->build(&cmd);
		mark(c->id);
		before = chip_commands();
		tpm_run(&vtpm, &cmd, &rsp);
		counts[i] = chip_commands() - before;
		mark("");
		if (c->handle)
			flush(&vtpm, get32(&rsp, TPM_HEADER));
	}
	qsort(counts, COST_ROUNDS, sizeof(counts[0]), compare_u64);
	printf("cost\t%s\t%s\t%u\t%d\t%llu\n", c->id, c->name, c->expected, COST_ROUNDS,
	       (unsigned long long)counts[COST_ROUNDS / 2]);
}

static void measure_costs(void)
{
	make_keys();
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
		measure_cost(&costs[i]);
	if (fresh)
		flush(&vtpm, fresh);
}

static void time_one(const struct tpm *tpm, const struct msg *cmd, struct times *t)
{
	struct msg rsp;
	uint64_t begin = now_ns();

	tpm_run(tpm, cmd, &rsp);
	t->ns[t->count++] = now_ns() - begin;
}

/* Signing, in blocks: the chip's log tells the two sides apart by its marks. */
static void measure_sign(void)
{
	struct times *a = times_alloc(SIGN_BLOCKS * SIGN_ROUNDS);
	struct times *b = times_alloc(SIGN_BLOCKS * SIGN_ROUNDS);
	struct msg cmd, ours, theirs;
	uint32_t key;

	cmd_sign(&ours, keys.ecc);
	cmd_create_ecc(&cmd, TPM_RH_OWNER, OBJECT_SIGN);
	key = run_handle(&chip_rm, &cmd);
	cmd_sign(&theirs, key);
	use_ecc();
	for (int i = 0; i < SIGN_BLOCKS; i++) {
		mark("sign-vtpm");
		for (int j = 0; j < SIGN_ROUNDS; j++)
			time_one(&vtpm, &ours, a);
		mark("sign-tpmrm");
		for (int j = 0; j < SIGN_ROUNDS; j++)
			time_one(&chip_rm, &theirs, b);
		mark("");
	}
	flush(&chip_rm, key);
	times_print(a, "Sign", vtpm.name, 0);
	times_print(b, "Sign", chip_rm.name, 0);
}

static void define_nv(const struct tpm *tpm)
{
	struct msg cmd, rsp;

	cmd_nv_define(&cmd);
	tpm_run(tpm, &cmd, &rsp);
	cmd_nv_write(&cmd);
	tpm_run(tpm, &cmd, &rsp);
}

static void open_all(char **path)
{
	struct vtpm_info info;
	int rc;

	tpm_open(&vtpm, path[0]);
	chip_path = path[1];
	tpm_open(&chip_rm, path[2]);
	mux = vtpm_mux_open();
	if (mux < 0)
		die("%s: %s", VTPM_MUX_PATH, strerror(-mux));
	rc = vtpm_dev_info(vtpm.fd, &info);
	if (rc)
		die("%s: %s", vtpm.name, strerror(-rc));
	vtpm_number = info.number;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fputs("Usage: cost VTPM CHIP CHIP_RM\n"
		      "\n"
		      "  VTPM     a started virtual TPM, /dev/vtpm0\n"
		      "  CHIP     its chip, /dev/tpm0\n"
		      "  CHIP_RM  the same through the kernel's resource manager, /dev/tpmrm0\n",
		      stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_all(argv + 1);
	define_nv(&vtpm);
	measure_costs();
	measure_sign();
	return 0;
}
