/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TPM commands by hand, and virtual TPMs to send them to.
 */
#ifndef TPM_H
#define TPM_H

#include <endian.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>

#include "../../userspace/libvtpm.h"
#include "tap.h"

#define TPM_HEADER		10
#define TPM_BUFSIZE		4096

#define TPM_RC_INITIALIZE	0x100
#define TPM_RC_FAILURE		0x101
#define TPM_RC_CANCELED		0x909

#define GET_RANDOM_SIZE		12
#define GET_RANDOM_BYTES	16
#define GET_RANDOM_RESPONSE	(TPM_HEADER + 2 + GET_RANDOM_BYTES)

static const __u8 tpm_startup[] = {
	0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44, 0, 0
};

static const __u8 tpm_get_random[GET_RANDOM_SIZE] = {
	0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, GET_RANDOM_BYTES
};

static const __u8 tpm_read_clock[] = {
	0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x01, 0x81
};

/*
 * State files can be used from here on. Returns whether the ledger is the test's own, for
 * ledger_end().
 */
static inline bool ledger_begin(int mux)
{
	struct vtpm_anchor args = { .flags = VTPM_ANCHOR_NEW };
	struct vtpm_host_status host;

	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	if (host.anchor == VTPM_HOST_ANCHOR_HELD || host.state != VTPM_HOST_READY)
		return false;
	args.ledger_fd = open("/run", O_TMPFILE | O_RDWR, 0600);
	CHECK(args.ledger_fd >= 0);
	CHECK_EQ(vtpm_mux_anchor(mux, &args), 0);
	close(args.ledger_fd);
	return true;
}

static inline void ledger_end(int mux, bool own)
{
	struct vtpm_anchor args = { .flags = VTPM_ANCHOR_REMOVE };

	if (own)
		CHECK_EQ(vtpm_mux_anchor(mux, &args), 0);
}

/* CreatePrimary of an RSA-2048 storage key: takes a while. */
#define TPM_SLOW_UNIQUE		61	/* where four bytes make it a new one */
static const __u8 tpm_slow[] = {
	0x80, 0x02, 0, 0, 0, 71, 0, 0, 0x01, 0x31,
	0x40, 0, 0, 0x01,				/* TPM_RH_OWNER */
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,	/* empty password */
	0, 4, 0, 0, 0, 0,				/* inSensitive */
	0, 30, 0, 0x01, 0, 0x0b, 0, 0x03, 0, 0x72, 0, 0,
	0, 0x06, 0, 128, 0, 0x43, 0, 0x10, 0x08, 0, 0, 0, 0, 0,
	0, 4, 0, 0, 0, 0,				/* unique */
	0, 0,						/* outsideInfo */
	0, 0, 0, 0,					/* creationPCR */
};

static inline __u32 tpm_rc(const __u8 *rsp)
{
	__u32 rc;

	memcpy(&rc, rsp + 6, sizeof(rc));
	return be32toh(rc);
}

static inline void tpm_set_size(__u8 *cmd, __u32 size)
{
	size = htobe32(size);
	memcpy(cmd + 2, &size, sizeof(size));
}

/* Sends a command that has to be answered with @rc. */
#define TPM_EXPECT(_fd, _cmd, _rc)					\
	do {								\
		__u8 rsp_[TPM_BUFSIZE];				\
									\
		CHECK_EQ(write(_fd, _cmd, sizeof(_cmd)), sizeof(_cmd));	\
		CHECK(read(_fd, rsp_, sizeof(rsp_)) >= TPM_HEADER);	\
		CHECK_EQ(tpm_rc(rsp_), _rc);				\
	} while (0)

/* The device's poll() state now. */
static inline short poll_now(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	CHECK(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static inline short poll_in(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	CHECK_EQ(poll(&p, 1, 30000), 1);
	return p.revents;
}

static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static inline int open_mux(void)
{
	int mux = vtpm_mux_open();

	if (mux < 0)
		tap_fail(VTPM_MUX_PATH ": %s", strerror(-mux));
	return mux;
}

/* A new vTPM that needs no chip, unless @assurance says so. Its number. */
static inline unsigned int make_vtpm(int mux, __u32 assurance, __u32 flags)
{
	struct vtpm_create create = { .assurance = assurance, .flags = flags };
	int rc = vtpm_mux_create(mux, &create);

	if (rc)
		tap_fail("create: %s", strerror(-rc));
	return create.number;
}

/* Whether one can be made with these arguments: 0 or an error. */
static inline int try_create(int mux, struct vtpm_create args)
{
	return vtpm_mux_create(mux, &args);
}

#define CREATE(...)	try_create(mux, (struct vtpm_create){		\
				.assurance = VTPM_ASSURANCE_SOFTWARE,	\
				__VA_ARGS__ })

static inline unsigned int count_vtpms(int mux)
{
	struct vtpm_host_status host;

	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	return host.instances;
}

static inline int open_vtpm(unsigned int number)
{
	int fd = vtpm_dev_open(number, O_CLOEXEC);

	if (fd < 0)
		tap_fail("open vtpm%u: %s", number, strerror(-fd));
	return fd;
}

static inline void destroy_vtpm(int mux, unsigned int number)
{
	CHECK_EQ(vtpm_mux_destroy(mux, number, VTPM_DESTROY_FORCE), 0);
}

#endif
