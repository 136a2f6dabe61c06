// SPDX-License-Identifier: GPL-2.0
/*
 * The engine as a program: commands on standard input, responses on standard
 * output, as tpm2-tss's TCTI "cmd" wants it:
 *
 *	tpm2_getrandom -T cmd:build/hosted/serve --hex 8
 *
 * One process is one life of a vTPM. Options: -s for a vTPM in software, -H
 * for hardware only, -1 for a chip that has RSA-2048 and P-256 only, -f to try
 * each command first with every one of its memory allocations failing in turn,
 * -c FD for a socket through which the host acts: a byte '0' to '4' sets the
 * locality of the commands to come, 'r' is a power cycle, each answered by the
 * same byte.
 *
 * Options that give the vTPM a store, in memory: -p, where a power cycle leaves
 * no more than what is stored; -w, where the vTPM is written, destroyed and read
 * back after each command as well; -x to try each command first with its commit
 * failing, after which everything must be as before.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/slab.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/txn.h"
#include "hw_soft.h"
#include "store_soft.h"

static bool read_all(u8 *p, size_t len)
{
	while (len) {
		ssize_t n = read(0, p, len);

		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

static void write_all(const u8 *p, size_t len)
{
	while (len) {
		ssize_t n = write(1, p, len);

		if (n <= 0)
			exit(1);
		p += n;
		len -= n;
	}
}

static u8 rsp[VTPM2_MAX_RESPONSE];
static u8 locality;
static struct store_soft store;
static struct vtpm2_config config;
static struct vtpm2 *tpm;

/* The engine must not have written to it: it may be sent again. */
static size_t execute(const u8 *cmd, size_t len)
{
	static u8 copy[8192];

	memcpy(copy, cmd, len);
	return vtpm2_execute(tpm, locality, copy, len, rsp);
}

static void complain_state(const u8 *cmd, const char *what)
{
	fprintf(stderr, "serve: command 0x%x, response code 0x%x: %s\n",
		get_unaligned_be32(cmd + 6), get_unaligned_be32(rsp + 6), what);
	exit(3);
}

/* The vTPM from what is stored and, if @rest is not NULL, that. */
static void replace(const u8 *cmd, const void *rest, size_t len)
{
	vtpm2_destroy(tpm);
	tpm = store_soft_restore(&store, &config, rest, len);
	if (!tpm)
		complain_state(cmd, "what was written cannot be read");
}

static u8 rest[VTPM2_MAX_VOLATILE], again[VTPM2_MAX_VOLATILE];

/* Written, destroyed, read: the response is there already. */
static size_t execute_anew(const u8 *cmd, size_t len)
{
	size_t rsp_len = execute(cmd, len);
	const char *differs = store_soft_differs(&store, tpm);
	ssize_t n = vtpm2_volatile_write(tpm, rest, sizeof(rest));

	if (differs)
		complain_state(cmd, differs);
	if (n < 0)
		complain_state(cmd, "cannot be written");
	replace(cmd, rest, n);
	if (vtpm2_volatile_write(tpm, again, sizeof(again)) != n ||
	    memcmp(rest, again, n))
		complain_state(cmd, "is not what was written");
	return rsp_len;
}

/*
 * The command with its commit failing, and then as it should be. With the first
 * nothing has happened; but an authorization that has failed stays counted, and
 * has to be stored before anything else: here it is undone by other means.
 */
static size_t execute_unstored(const u8 *cmd, size_t len)
{
	ssize_t n = vtpm2_volatile_write(tpm, rest, sizeof(rest));
	unsigned long failed = store.failed;
	size_t rsp_len;

	store.fail = true;
	rsp_len = execute(cmd, len);
	if (store.failed == failed)
		goto out;
	/* what Clock passes may have had to be stored, too */
	if (get_unaligned_be32(rsp + 6) != TPM2_RC_NV_UNAVAILABLE) {
		if (store.failed > failed + 1)
			complain_state(cmd, "acknowledged and not stored");
		goto out;
	}
	if (tpm->txn->pending) {
		execute(cmd, len);
		if (get_unaligned_be32(rsp + 6) != TPM2_RC_NV_UNAVAILABLE)
			complain_state(cmd, "a guess for free");
		replace(cmd, rest, n);
	} else if (store.failed == failed + 1 &&
		   (vtpm2_volatile_write(tpm, again, sizeof(again)) != n ||
		    memcmp(rest, again, n))) {
		complain_state(cmd, "not stored, and not as it was before");
	}
	store.fail = false;
	rsp_len = execute(cmd, len);
out:
	store.fail = false;
	return rsp_len;
}

static void complain(const u8 *cmd, unsigned long n, const char *what)
{
	fprintf(stderr, "serve: command 0x%x, allocation %lu fails: response code 0x%x: %s\n",
		get_unaligned_be32(cmd + 6), n, get_unaligned_be32(rsp + 6),
		what);
	exit(3);
}

/*
 * The command with its n-th allocation failing, for n = 1, 2, ... until there
 * are no more or it succeeds without the memory. Each time it says that there
 * is none, keeps none of what it had got, and has changed nothing: the same
 * command, with the same nonces and HMACs, is then sent again.
 */
static size_t execute_starved(const u8 *cmd, size_t len)
{
	unsigned long n, failed = hosted_alloc.failed;
	size_t rsp_len;
	long live;
	u32 rc;

	for (n = 1; ; n++) {
		live = hosted_alloc.live;
		hosted_alloc.fail_in = n;
		rsp_len = execute(cmd, len);
		hosted_alloc.fail_in = 0;
		rc = get_unaligned_be32(rsp + 6);
		if (hosted_alloc.failed == failed || !rc)
			return rsp_len;
		failed = hosted_alloc.failed;
		if (rc != TPM2_RC_MEMORY)
			complain(cmd, n, "not TPM_RC_MEMORY");
		if (hosted_alloc.live != live)
			complain(cmd, n, "memory leaks");
	}
}

/* What the host does, until there is a command. */
static void control(int fd)
{
	struct pollfd fds[] = {
		{ .fd = 0, .events = POLLIN }, { .fd = fd, .events = POLLIN },
	};
	u8 act;

	while (poll(fds, 2, -1) > 0 && fds[1].revents) {
		if (read(fd, &act, 1) != 1)
			return;
		if (act >= '0' && act <= '4') {
			locality = act - '0';
		} else if (act == 'r') {
			vtpm2_power_off(tpm);
			if (config.store_ops)
				replace(rsp, NULL, 0);
			vtpm2_power_on(tpm);
			locality = 0;
		}
		if (write(fd, &act, 1) != 1)
			exit(1);
	}
}

int main(int argc, char **argv)
{
	size_t (*run)(const u8 *cmd, size_t len) = execute;
	static u8 cmd[8192];
	struct hw_soft hw = {};
	int opt, control_fd = -1;

	config = (struct vtpm2_config){ .ops = &hw_soft_ops, .hw = &hw };

	while ((opt = getopt(argc, argv, "sH1fwxpc:")) != -1) {
		switch (opt) {
		case 's':
			config.assurance = VTPM2_ASSURANCE_SOFTWARE;
			break;
		case 'H':
			config.assurance = VTPM2_ASSURANCE_HARDWARE;
			break;
		case '1':
			hw.small = true;
			break;
		case 'f':
			run = execute_starved;
			break;
		case 'w':
			run = execute_anew;
			break;
		case 'x':
			run = execute_unstored;
			break;
		case 'p':
			break;
		case 'c':
			control_fd = atoi(optarg);
			break;
		default:
			return 2;
		}
		if (strchr("wxp", opt)) {
			config.store_ops = &store_soft_ops;
			config.store = &store;
		}
	}
	tpm = vtpm2_create(&config);
	if (!tpm)
		return 1;
	store_soft_fill(&store, tpm);
	vtpm2_power_on(tpm);
	for (;;) {
		size_t len;

		if (control_fd >= 0)
			control(control_fd);
		if (!read_all(cmd, 10))
			break;
		len = get_unaligned_be32(cmd + 2);
		/* what cannot be framed is answered as it stands */
		if (len < 10 || len > sizeof(cmd))
			len = 10;
		else if (!read_all(cmd + 10, len - 10))
			break;
		write_all(rsp, run(cmd, len));
	}
	vtpm2_destroy(tpm);
	store_soft_free(&store);
	return 0;
}
