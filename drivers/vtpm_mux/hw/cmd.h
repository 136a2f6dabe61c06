/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands: framing, the password session, retries, counters.
 */
#ifndef VTPM_HW_CMD_H
#define VTPM_HW_CMD_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "wire.h"

struct vtpm_chip;
struct vtpm_hw_cc_stat;

/* The longest command and response; the TPM core's own limit. */
#define VTPM_CMD_SIZE	4096

/* Command codes that have a row of counters (Part 2, 6.5.2). */
#define VTPM_CC_FIRST	0x11f
#define VTPM_CC_COUNT	0x80

/**
 * struct vtpm_cc_counters - what one command code has cost
 * @count: times sent
 * @errors: of them, not answered TPM_RC_SUCCESS
 * @ns: nanoseconds
 *
 * Written by the worker, read anywhere.
 */
struct vtpm_cc_counters {
	atomic64_t count;
	atomic64_t errors;
	atomic64_t ns;
};

/* Begin a command in the chip's command buffer. */
void vtpm_cmd_start(struct vtpm_chip *chip, struct vtpm_wr *wr, u32 cc);
/* Begin a command in the @cap bytes at @p. */
void vtpm_cmd_start_at(struct vtpm_wr *wr, void *p, size_t cap, u32 cc);
/* After the handles: the authorization area, a password. */
void vtpm_cmd_auth(struct vtpm_wr *wr, const u8 *auth, size_t len);
/* The same with a policy session, which a command that succeeds ends. */
void vtpm_cmd_policy(struct vtpm_wr *wr, u32 session);

/**
 * vtpm_cmd_run() - send a command, and again while the chip asks for that
 * @chip: held
 * @wr: the command; stays as it is
 * @handle: receives the response's handle; NULL for a command without one
 * @rsp: receives the response parameters, which stay in place until the next
 *	command; may be NULL
 *
 * Return: 0, the chip's response code, -ECANCELED once the requester has left,
 * -EBADMSG for a malformed response, -EIO for none.
 */
int vtpm_cmd_run(struct vtpm_chip *chip, struct vtpm_wr *wr, u32 *handle,
		 struct vtpm_rd *rsp);

/**
 * vtpm_cmd_parse() - find the parameters of a response
 * @rsp: the whole response; receives the parameters
 * @cmd_tag: the command's tag, which a successful response repeats
 * @handle: receives the response's handle, if there is to be one
 *
 * Return: 0 or -EBADMSG.
 */
int vtpm_cmd_parse(struct vtpm_rd *rsp, u16 cmd_tag, u32 *handle);

u64 vtpm_cmd_total(const struct vtpm_chip *chip);
unsigned int vtpm_cmd_stats(const struct vtpm_chip *chip,
			    struct vtpm_hw_cc_stat *stats, unsigned int max);

#endif
