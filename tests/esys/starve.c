// SPDX-License-Identifier: GPL-2.0
/*
 * A TCTI for a device that runs a command within write(): each command is first
 * sent with the kernel's first, second, ... memory allocation on its behalf
 * failing (/proc/self/fail-nth), until it has no more to fail. The kernel has to
 * answer TPM_RC_MEMORY or TPM_RC_FAILURE, or the system call ENOMEM, and to have
 * changed nothing: what passes up at last is the answer to the same bytes.
 * tpm2-tss's own TCTI does not block in write(), which leaves the command to
 * another thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <tss2/tss2_tcti.h>

#include "esys_test.h"
#include "starve.h"

static struct {
	TSS2_TCTI_CONTEXT_COMMON_V1 common;
	int device;
	int fail_nth;
	unsigned long injected;
	unsigned long wrong;
	uint8_t rsp[4096];
	size_t rsp_len;
} starve;

static void die(const char *what, unsigned int n, uint32_t code)
{
	printf("Bail out! starve: allocation %u: %s (0x%x)\n", n, what, code);
	exit(2);
}

static void set_nth(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	/* A failure that is still to come may hit this very write. */
	while (pwrite(starve.fail_nth, text, len, 0) != len)
		if (errno != EFAULT)
			die("fail-nth cannot be written", n, errno);
}

/* Has the allocation been reached, and failed? */
static bool was_injected(void)
{
	char text[16] = "";

	if (pread(starve.fail_nth, text, sizeof(text) - 1, 0) > 0)
		return atoi(text) == 0;
	/* Copies to user space fail as well: this was the n-th. */
	if (errno != EFAULT)
		die("fail-nth cannot be read", 0, errno);
	return false;
}

static uint32_t rc_of(const uint8_t *rsp, size_t len)
{
	if (len < 10)
		die("short response", 0, len);
	return (uint32_t)rsp[6] << 24 | rsp[7] << 16 | rsp[8] << 8 | rsp[9];
}

static TSS2_RC starve_transmit(TSS2_TCTI_CONTEXT *ctx, size_t len,
			       const uint8_t *cmd)
{
	unsigned int n, other_n = 0;
	uint32_t code, other = 0;
	bool injected;
	ssize_t ret;
	int err;

	for (n = 1; ; n++) {
		set_nth(n);
		ret = write(starve.device, cmd, len);
		err = errno;
		injected = was_injected();
		set_nth(0);
		if (ret < 0) {
			if (!injected)
				return TSS2_TCTI_RC_IO_ERROR;
			if (err != ENOMEM && err != EFAULT)
				die("another errno", n, err);
			continue;
		}
		ret = read(starve.device, starve.rsp, sizeof(starve.rsp));
		if (ret < 0)
			return TSS2_TCTI_RC_IO_ERROR;
		starve.rsp_len = ret;
		code = rc_of(starve.rsp, starve.rsp_len);
		starve.injected += injected;
		if (!injected || !code)
			break;
		if (code != TPM2_RC_MEMORY && code != TPM2_RC_FAILURE) {
			other = code;
			other_n = n;
		}
	}
	/* A refusal may not have needed what failed. */
	if (other && other != code) {
		printf("# command 0x%x, allocation %u fails: response code 0x%x\n",
		       cmd[8] << 8 | cmd[9], other_n, other);
		starve.wrong++;
	}
	return TSS2_RC_SUCCESS;
}

static TSS2_RC starve_receive(TSS2_TCTI_CONTEXT *ctx, size_t *len,
			      uint8_t *rsp, int32_t timeout)
{
	size_t size = *len;

	*len = starve.rsp_len;
	if (!rsp)
		return TSS2_RC_SUCCESS;
	if (size < starve.rsp_len)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	memcpy(rsp, starve.rsp, starve.rsp_len);
	return TSS2_RC_SUCCESS;
}

TSS2_TCTI_CONTEXT *starve_open(const char *device)
{
	starve.device = open(device, O_RDWR | O_CLOEXEC);
	if (starve.device < 0)
		die(device, 0, errno);
	starve.fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (starve.fail_nth < 0)
		die("no fail-nth in this kernel", 0, errno);
	starve.common.version = 1;
	starve.common.transmit = starve_transmit;
	starve.common.receive = starve_receive;
	return (TSS2_TCTI_CONTEXT *)&starve;
}

unsigned long starve_count(unsigned long *wrong)
{
	*wrong = starve.wrong;
	return starve.injected;
}
