// SPDX-License-Identifier: GPL-2.0
/*
 * The engine as a program: commands on standard input, responses on standard
 * output, as tpm2-tss's TCTI "cmd" wants it:
 *
 *	tpm2_getrandom -T cmd:build/hosted/serve --hex 8
 *
 * One process is one life of a vTPM. Options: -s for a vTPM in software, -H
 * for hardware only, -1 for a chip that has RSA-2048 and P-256 only.
 */
#include <stdlib.h>
#include <unistd.h>

#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/engine.h"
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

int main(int argc, char **argv)
{
	static u8 cmd[8192], rsp[VTPM2_MAX_RESPONSE];
	struct hw_soft hw = {};
	struct vtpm2_config config = { .ops = &hw_soft_ops, .hw = &hw };
	struct vtpm2 *t;
	int opt;

	while ((opt = getopt(argc, argv, "sH1")) != -1) {
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
		default:
			return 2;
		}
	}
	t = vtpm2_create(&config);
	if (!t)
		return 1;
	vtpm2_power_on(t);
	while (read_all(cmd, 10)) {
		size_t len = get_unaligned_be32(cmd + 2);

		/* what cannot be framed is answered as it stands */
		if (len < 10 || len > sizeof(cmd))
			len = 10;
		else if (!read_all(cmd + 10, len - 10))
			break;
		write_all(rsp, vtpm2_execute(t, 0, cmd, len, rsp));
	}
	vtpm2_destroy(t);
	return 0;
}
