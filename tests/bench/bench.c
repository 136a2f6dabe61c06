// SPDX-License-Identifier: GPL-2.0
/*
 * What commands of a virtual TPM cost: commands of the chip, and time.
 *
 * Runs in the test host and prints lines of tab-separated fields for
 * tests/bench/run:
 *
 *	cost ID NAME EXPECTED ROUNDS CHIP_COMMANDS
 *	time NAME DEVICE ROUNDS MIN_NS MEAN_NS P95_NS
 *
 * The chip's own log is the second witness of the costs. A TPM2_StirRandom
 * with text in it, sent to the chip itself, marks there what belongs to which
 * ID: "mark:ID" before, "mark:" behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../../userspace/libvtpm.h"
#include "cmd.h"

#define COST_ROUNDS	9
#define TIME_ROUNDS	1000
#define TIME_WARMUP	50
#define SIGN_BLOCKS	10
#define SIGN_ROUNDS	20	/* in a block */

static const char *const usage =
	"Usage: bench [-n ROUNDS] VTPM CHIP CHIP_RM SOCKET\n"
	"\n"
	"  -n ROUNDS  measurements of each command's time (1000)\n"
	"  VTPM       a started virtual TPM, /dev/vtpm0\n"
	"  CHIP       its chip, /dev/tpm0\n"
	"  CHIP_RM    the same through the kernel's resource manager, /dev/tpmrm0\n"
	"  SOCKET     unix socket of a software TPM\n";

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...)
{
	va_list ap;

	fputs("bench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/**
 * struct tpm - something that takes commands
 * @name: for messages and the output
 * @fd: descriptor
 * @stream: a socket, where a response can come in pieces
 */
struct tpm {
	const char *name;
	int fd;
	bool stream;
};

static struct tpm vtpm, chip_rm, soft;
static const char *chip_path;
static int mux;
static unsigned int vtpm_number;

static void open_device(struct tpm *tpm, const char *path)
{
	tpm->name = path;
	tpm->fd = open(path, O_RDWR | O_CLOEXEC);
	if (tpm->fd < 0)
		die("%s: %m", path);
}

static void open_socket(struct tpm *tpm, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		die("%s: too long", path);
	strcpy(addr.sun_path, path);
	tpm->name = "swtpm";
	tpm->stream = true;
	tpm->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (tpm->fd < 0 || connect(tpm->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("%s: %m", path);
}

static void read_rest(const struct tpm *tpm, struct msg *rsp)
{
	size_t want = TPM_HEADER;
	ssize_t n;

	while (rsp->len < want) {
		n = read(tpm->fd, rsp->data + rsp->len, sizeof(rsp->data) - rsp->len);
		if (n <= 0)
			die("%s: %s", tpm->name, n ? strerror(errno) : "no more data");
		rsp->len += n;
		if (rsp->len >= TPM_HEADER)
			want = get32(rsp, 2);
	}
}

static uint32_t transmit(const struct tpm *tpm, const struct msg *cmd, struct msg *rsp)
{
	ssize_t n;

	if (write(tpm->fd, cmd->data, cmd->len) != (ssize_t)cmd->len)
		die("%s: %m", tpm->name);
	rsp->len = 0;
	if (tpm->stream) {
		read_rest(tpm, rsp);
	} else {
		n = read(tpm->fd, rsp->data, sizeof(rsp->data));
		if (n < TPM_HEADER)
			die("%s: %s", tpm->name, n < 0 ? strerror(errno) : "short response");
		rsp->len = n;
	}
	return get32(rsp, 6);
}

/* A command that has to succeed. */
static void run(const struct tpm *tpm, const struct msg *cmd, struct msg *rsp)
{
	uint32_t rc = transmit(tpm, cmd, rsp);

	if (rc)
		die("%s: command 0x%x failed with 0x%x", tpm->name, get32(cmd, 6), rc);
}

/* The same for a command that answers with a handle. */
static uint32_t run_handle(const struct tpm *tpm, const struct msg *cmd)
{
	struct msg rsp;

	run(tpm, cmd, &rsp);
	return get32(&rsp, TPM_HEADER);
}

static void flush(const struct tpm *tpm, uint32_t handle)
{
	struct msg cmd, rsp;

	cmd_flush(&cmd, handle);
	run(tpm, &cmd, &rsp);
}

/* Leaves a mark in the chip's log. The device allows one user at a time. */
static void mark(const char *id)
{
	struct tpm chip = { 0 };
	struct msg cmd, rsp;
	char text[64];

	snprintf(text, sizeof(text), "mark:%s", id);
	open_device(&chip, chip_path);
	cmd_stir_random(&cmd, text);
	run(&chip, &cmd, &rsp);
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

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* (a) Commands of the chip that a guest's command takes */

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
	run(&vtpm, &cmd, &keys.created);
	keys.ecc = load(keys.parent, &keys.created);

	cmd_create_rsa(&cmd, keys.parent);
	run(&vtpm, &cmd, &rsp);
	keys.rsa = load(keys.parent, &rsp);

	cmd_create_ecc(&cmd, keys.parent, OBJECT_ATTEST);
	run(&vtpm, &cmd, &rsp);
	keys.ak = load(keys.parent, &rsp);

	cmd_create_data(&cmd, keys.parent);
	run(&vtpm, &cmd, &rsp);
	keys.data = load(keys.parent, &rsp);
}

/* What puts the chip into the state in which a command is to be measured. */

static void use_ecc(void)
{
	struct msg cmd, rsp;

	cmd_sign(&cmd, keys.ecc);
	run(&vtpm, &cmd, &rsp);
}

static void use_rsa(void)
{
	struct msg cmd, rsp;

	cmd_sign(&cmd, keys.rsa);
	run(&vtpm, &cmd, &rsp);
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
	run(&vtpm, &cmd, &rsp);
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
	run(&vtpm, &cmd, &rsp);
}

static void evict_data(void)
{
	use_data();
	use_ecc();
}

/* The vTPM's own parent key is the one in the chip. */
static void use_parent(void)
{
	struct msg cmd, rsp;

	cmd_create_ecc(&cmd, keys.parent, OBJECT_SIGN);
	run(&vtpm, &cmd, &rsp);
}

/* A new object, loaded in the vTPM and never yet in the chip. */
static uint32_t fresh;

static void load_fresh(void)
{
	struct msg cmd, rsp;

	if (fresh)
		flush(&vtpm, fresh);
	cmd_create_ecc(&cmd, keys.parent, OBJECT_SIGN);
	run(&vtpm, &cmd, &rsp);
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
	cmd_nv(cmd, TPM_CC_NV_WRITE);
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
	{ "unseal", "Unseal, object in the chip", 1, use_data, do_unseal, false },
	{ "unsealout", "Unseal, object evicted", 3, evict_data, do_unseal, false },
	{ "create", "Create, ECC P-256, VMK in the chip", 1, use_parent, do_create_ecc, false },
	{ "createout", "Create, ECC P-256, VMK evicted", 3, use_ecc, do_create_ecc, false },
	{ "seal", "Create, sealed data, VMK in the chip", 1, use_parent, do_create_data, false },
	{ "primary", "CreatePrimary, new, VMK in the chip", 1, use_parent, do_primary_new, true },
	{ "first", "first Sign after Load, VMK in the chip", 4, load_fresh, do_sign_fresh, false },
	{ "firstout", "first Sign after Load, VMK evicted", 6, load_fresh_evict, do_sign_fresh, false },
};

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

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
		run(&vtpm, &cmd, &rsp);
		counts[i] = chip_commands() - before;
		mark("");
		if (c->handle)
			flush(&vtpm, get32(&rsp, TPM_HEADER));
	}
	qsort(counts, COST_ROUNDS, sizeof(counts[0]), compare);
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

/* (b) and (c) Time */

struct times {
	size_t count;
	uint64_t ns[];
};

static struct times *times_alloc(size_t max)
{
	struct times *t = calloc(1, sizeof(*t) + max * sizeof(t->ns[0]));

	if (!t)
		die("no memory");
	return t;
}

static void print_times(struct times *t, const char *name, const char *device)
{
	uint64_t sum = 0;

	qsort(t->ns, t->count, sizeof(t->ns[0]), compare);
	for (size_t i = 0; i < t->count; i++)
		sum += t->ns[i];
	printf("time\t%s\t%s\t%zu\t%llu\t%llu\t%llu\n", name, device, t->count,
	       (unsigned long long)t->ns[0], (unsigned long long)(sum / t->count),
	       (unsigned long long)t->ns[t->count * 95 / 100]);
	free(t);
}

static void time_one(const struct tpm *tpm, const struct msg *cmd, struct times *t)
{
	struct msg rsp;
	uint64_t begin = now_ns();

	run(tpm, cmd, &rsp);
	t->ns[t->count++] = now_ns() - begin;
}

/* A session is started and flushed: two commands, one measurement. */
static void time_session(const struct tpm *tpm, const struct msg *cmd, struct times *t)
{
	uint64_t begin = now_ns();

	flush(tpm, run_handle(tpm, cmd));
	t->ns[t->count++] = now_ns() - begin;
}

typedef void time_fn(const struct tpm *tpm, const struct msg *cmd, struct times *t);

/* In turns, so that whatever else the machine does disturbs both alike. */
static void measure_pair(const char *name, time_fn *fn, const struct msg *ours,
			 const struct msg *theirs, size_t rounds)
{
	struct times *a = times_alloc(rounds + TIME_WARMUP);
	struct times *b = times_alloc(rounds + TIME_WARMUP);

	for (size_t i = 0; i < rounds + TIME_WARMUP; i++) {
		if (i == TIME_WARMUP)
			a->count = b->count = 0;
		fn(&vtpm, ours, a);
		fn(&soft, theirs, b);
	}
	print_times(a, name, vtpm.name);
	print_times(b, name, soft.name);
}

static void measure_times(size_t rounds)
{
	struct msg cmd, theirs;
	uint32_t session, other;

	cmd_pcr_extend(&cmd);
	measure_pair("PCR_Extend", time_one, &cmd, &cmd, rounds);
	cmd_get_random(&cmd);
	measure_pair("GetRandom", time_one, &cmd, &cmd, rounds);
	cmd_pcr_read(&cmd);
	measure_pair("PCR_Read", time_one, &cmd, &cmd, rounds);
	cmd_hash(&cmd);
	measure_pair("Hash", time_one, &cmd, &cmd, rounds);
	cmd_nv(&cmd, TPM_CC_NV_WRITE);
	measure_pair("NV_Write", time_one, &cmd, &cmd, rounds);
	cmd_nv(&cmd, TPM_CC_NV_READ);
	measure_pair("NV_Read", time_one, &cmd, &cmd, rounds);
	cmd_policy_session(&cmd);
	measure_pair("StartAuthSession + FlushContext", time_session, &cmd, &cmd, rounds);

	session = run_handle(&vtpm, &cmd);
	other = run_handle(&soft, &cmd);
	cmd_policy_pcr(&cmd, session);
	cmd_policy_pcr(&theirs, other);
	measure_pair("PolicyPCR", time_one, &cmd, &theirs, rounds);
	flush(&vtpm, session);
	flush(&soft, other);
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
	print_times(a, "Sign", vtpm.name);
	print_times(b, "Sign", chip_rm.name);
}

static void define_nv(const struct tpm *tpm)
{
	struct msg cmd, rsp;

	cmd_nv_define(&cmd);
	run(tpm, &cmd, &rsp);
	cmd_nv(&cmd, TPM_CC_NV_WRITE);
	run(tpm, &cmd, &rsp);
}

static void open_all(char **path)
{
	struct vtpm_info info;
	int rc;

	open_device(&vtpm, path[0]);
	chip_path = path[1];
	open_device(&chip_rm, path[2]);
	open_socket(&soft, path[3]);
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
	size_t rounds = TIME_ROUNDS;
	int opt;

	while ((opt = getopt(argc, argv, "hn:")) != -1) {
		switch (opt) {
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'n':
			rounds = strtoul(optarg, NULL, 10);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc - optind != 4 || !rounds) {
		fputs(usage, stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_all(argv + optind);
	define_nv(&vtpm);
	define_nv(&soft);
	measure_costs();
	measure_sign();
	measure_times(rounds);
	return 0;
}
