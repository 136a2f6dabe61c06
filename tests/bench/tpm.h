/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Something that takes TPM commands, and what both measuring programs need to
 * talk to it.
 */
#ifndef BENCH_TPM_H
#define BENCH_TPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msg.h"

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

/**
 * struct times - measurements of one kind
 * @count: how many
 * @max: for how many there is room
 * @ns: the times
 */
struct times {
	size_t count;
	size_t max;
	uint64_t ns[];
};

extern const char *program;

void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...);

void tpm_open(struct tpm *tpm, const char *path);
uint32_t tpm_transmit(const struct tpm *tpm, const struct msg *cmd, struct msg *rsp);
void tpm_run(const struct tpm *tpm, const struct msg *cmd, struct msg *rsp);

uint64_t now_ns(void);
int compare_u64(const void *a, const void *b);
struct times *times_alloc(size_t max);
void times_print(struct times *t, const char *name, const char *device, uint64_t chip);

#endif
