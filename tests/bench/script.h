/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands written as text, so that a table of more than a hundred of them can
 * be read.
 *
 * A step is "COMMAND args > results". The arguments are everything behind the
 * header, as words:
 *
 *	sha256, owner ...	a constant of the specification, see script.c
 *	1:v 2:v 4:v 8:v		an integer of so many bytes, hexadecimal
 *	b32			a TPM2B of 32 bytes that do not matter
 *	z32			the same, of zeros
 *	d32			32 bytes without their size
 *	=n			a TPM2B with a constant of script.c, a key's say
 *	uniq			a TPM2B that is never the same
 *	clock			a clock value that goes forward
 *	( )			a TPM2B of what is between them
 *	pw pw2			authorizations with the empty password, for 1 or 2 handles
 *	pol1 polpw		the policy session %1, the same and a password
 *	%0 to %3		a handle that a step before has brought
 *	$0 to $7		bytes that a step before has brought
 *
 * Results are read from behind the response's header, and size of parameters:
 *
 *	%0			the response handle
 *	$0			a TPM2B, with its size
 *	-			a TPM2B that is not wanted
 *	t0			a ticket
 *	*0			all the rest
 */
#ifndef BENCH_SCRIPT_H
#define BENCH_SCRIPT_H

#include "tpm.h"

#define SCRIPT_HANDLES	4
#define SCRIPT_BLOBS	8

/**
 * struct side - one of the two TPMs that are compared, and what it has brought
 * @tpm: where commands go
 * @cmd: the step that was built
 * @rsp: what it was answered with
 * @handle: handles
 * @blob: bytes
 * @counter: makes what has to be new in each round
 */
struct side {
	struct tpm tpm;
	struct msg cmd;
	struct msg rsp;
	uint32_t handle[SCRIPT_HANDLES];
	struct {
		size_t len;
		uint8_t data[TPM_BUFSIZE];
	} blob[SCRIPT_BLOBS];
	uint32_t counter;
};

void script_build(struct side *s, const char *step);
void script_results(struct side *s, const char *step);

#endif
