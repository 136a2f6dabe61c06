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
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/slab.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"
#include "hw_soft.h"

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

/* The engine must not have written to it: it may be sent again. */
static size_t execute(struct vtpm2 *t, const u8 *cmd, size_t len)
{
	static u8 copy[8192];

	memcpy(copy, cmd, len);
	return vtpm2_execute(t, locality, copy, len, rsp);
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
static size_t execute_starved(struct vtpm2 *t, const u8 *cmd, size_t len)
{
	unsigned long n, failed = hosted_alloc.failed;
	size_t rsp_len;
	long live;
	u32 rc;

	for (n = 1; ; n++) {
		live = hosted_alloc.live;
		hosted_alloc.fail_in = n;
		rsp_len = execute(t, cmd, len);
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
static void control(int fd, struct vtpm2 *t)
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
			vtpm2_power_off(t);
			vtpm2_power_on(t);
			locality = 0;
		}
		if (write(fd, &act, 1) != 1)
			exit(1);
	}
}

int main(int argc, char **argv)
{
	size_t (*run)(struct vtpm2 *t, const u8 *cmd, size_t len) = execute;
	static u8 cmd[8192];
	struct hw_soft hw = {};
	struct vtpm2_config config = { .ops = &hw_soft_ops, .hw = &hw };
	int opt, control_fd = -1;
	struct vtpm2 *t;

	while ((opt = getopt(argc, argv, "sH1fc:")) != -1) {
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
		case 'c':
			control_fd = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	t = vtpm2_create(&config);
	if (!t)
		return 1;
	vtpm2_power_on(t);
	for (;;) {
		size_t len;

		if (control_fd >= 0)
			control(control_fd, t);
		if (!read_all(cmd, 10))
			break;
		len = get_unaligned_be32(cmd + 2);
		/* what cannot be framed is answered as it stands */
		if (len < 10 || len > sizeof(cmd))
			len = 10;
		else if (!read_all(cmd + 10, len - 10))
			break;
		write_all(rsp, run(t, cmd, len));
	}
	vtpm2_destroy(t);
	return 0;
}
