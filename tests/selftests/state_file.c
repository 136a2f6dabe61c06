// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vtpm-mux: state files, and the ledger that they need.
 */
#include <fcntl.h>
#include <sys/ioctl.h>

#include "tpm.h"

/* A file that would do, but for how it is opened. */
static int state_file(int flags)
{
	char path[] = "/run/state.XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	if (flags >= 0) {
		close(fd);
		fd = open(path, flags);
		CHECK(fd >= 0);
	}
	unlink(path);
	return fd;
}

#define CREATE_IN(_fd) CREATE(.flags = VTPM_CREATE_STATE, .state_fd = (_fd))

TEST(state_refuses)
{
	struct vtpm_create short_args = {
		.size = offsetof(struct vtpm_create, state_fd),
		.flags = VTPM_CREATE_STATE,
	};
	struct vtpm_open args = { .state_fd = state_file(-1) };
	int mux = open_mux(), fd;
	unsigned int before = count_vtpms(mux);
	bool own = ledger_begin(mux);

	/* No descriptor is not descriptor 0. */
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_CREATE, &short_args), EINVAL);
	CHECK_EQ(CREATE_IN(-1), -EBADF);
	CHECK_EQ(CREATE_IN(1000), -EBADF);
	CHECK_EQ(CREATE_IN(mux), -EBADF);
	CHECK_EQ(CREATE_IN(open("/run", O_RDONLY)), -EBADF);
	CHECK_EQ(CREATE_IN(open("/dev/null", O_RDWR)), -EBADF);
	CHECK_EQ(CREATE_IN(state_file(O_RDONLY)), -EBADF);
	CHECK_EQ(CREATE_IN(state_file(O_WRONLY)), -EBADF);
	CHECK_EQ(CREATE_IN(state_file(O_RDWR | O_APPEND)), -EINVAL);
	fd = state_file(-1);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(CREATE_IN(fd), -ENOTEMPTY);
	/* An empty file has not even a beginning. */
	CHECK_EQ(vtpm_mux_open_state(mux, &args), -ENODATA);
	args.state_fd = fd;
	CHECK_EQ(vtpm_mux_open_state(mux, &args), -ENOMSG);
	args.flags = VTPM_CREATE_STATE;
	CHECK_EQ(vtpm_mux_open_state(mux, &args), -EINVAL);
	args.flags = VTPM_OPEN_ACCEPT << 1;
	CHECK_EQ(vtpm_mux_open_state(mux, &args), -EINVAL);
	/* To accept an older one is not to accept anything. */
	args.flags = VTPM_OPEN_ACCEPT;
	CHECK_EQ(vtpm_mux_open_state(mux, &args), -ENOMSG);
	CHECK_EQ(CREATE(.flags = VTPM_OPEN_ACCEPT), -EINVAL);
	CHECK_EQ(count_vtpms(mux), before);
	ledger_end(mux, own);
}

static int try_anchor(int mux, struct vtpm_anchor args)
{
	return vtpm_mux_anchor(mux, &args);
}

#define ANCHOR(...)	try_anchor(mux, (struct vtpm_anchor){ __VA_ARGS__ })

TEST(anchor_refuses)
{
	struct vtpm_anchor short_args = {
		.flags = VTPM_ANCHOR_NEW, .ledger_fd = -1, .auth_size = 4,
	};
	struct vtpm_host_status host;
	int mux = open_mux(), fd;
	unsigned int i;

	for (i = 3; i < 32; i++)
		CHECK_EQ(ANCHOR(.flags = 1u << i, .ledger_fd = -1), -EINVAL);
	CHECK_EQ(ANCHOR(.flags = VTPM_ANCHOR_REPLACE, .ledger_fd = -1), -EINVAL);
	CHECK_EQ(ANCHOR(.flags = VTPM_ANCHOR_REMOVE | VTPM_ANCHOR_NEW), -EINVAL);
	CHECK_EQ(ANCHOR(.flags = VTPM_ANCHOR_REMOVE, .ledger_fd = 1), -EINVAL);
	CHECK_EQ(ANCHOR(.flags = VTPM_ANCHOR_REMOVE, .interval = 1), -EINVAL);
	CHECK_EQ(ANCHOR(.flags = VTPM_ANCHOR_NEW, .ledger_fd = -1,
			.auth_size = VTPM_AUTH_MAX + 1), -EINVAL);
	CHECK_EQ(ANCHOR(.ledger_fd = -1, .auth_size = 1), -EINVAL);
	/* A size that ends within auth_size, in front of auth, and within that. */
	for (i = 1; i < 8; i++) {
		short_args.size = offsetof(struct vtpm_anchor, auth_size) + i;
		CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_ANCHOR, &short_args), EINVAL);
	}
	for (i = 0; i < 2; i++) {
		__u32 flags = i ? VTPM_ANCHOR_NEW : 0;

		CHECK_EQ(ANCHOR(.flags = flags, .ledger_fd = -1), -EBADF);
		CHECK_EQ(ANCHOR(.flags = flags, .ledger_fd = mux), -EBADF);
		CHECK_EQ(ANCHOR(.flags = flags, .ledger_fd = state_file(O_RDONLY)), -EBADF);
		CHECK_EQ(ANCHOR(.flags = flags, .ledger_fd = state_file(O_RDWR | O_APPEND)),
			 -EINVAL);
	}
	fd = state_file(-1);
	CHECK_EQ(ANCHOR(.ledger_fd = fd), -ENODATA);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(ANCHOR(.ledger_fd = fd), -ENOMSG);
	CHECK_EQ(ANCHOR(.flags = VTPM_ANCHOR_NEW, .ledger_fd = fd), -ENOTEMPTY);
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	CHECK_EQ(host.anchor, VTPM_HOST_ANCHOR_NONE);
}

static bool has_chip(int mux)
{
	struct vtpm_host_status host;

	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	return host.state != VTPM_HOST_ABSENT;
}

TEST(state_in_use)
{
	struct vtpm_create args = {
		.flags = VTPM_CREATE_STATE, .state_fd = state_file(-1),
	};
	struct vtpm_open open_args = { .state_fd = args.state_fd };
	struct vtpm_info info;
	int mux = open_mux();
	bool own;

	if (!has_chip(mux))
		SKIP("no chip");
	own = ledger_begin(mux);
	CHECK_EQ(vtpm_mux_create(mux, &args), 0);
	CHECK_EQ(CREATE_IN(args.state_fd), -ETXTBSY);
	CHECK_EQ(vtpm_mux_open_state(mux, &open_args), -ETXTBSY);
	CHECK_EQ(vtpm_mux_destroy(mux, args.number, VTPM_DESTROY_KEEP), 0);
	open_args.size = sizeof(open_args);
	CHECK_EQ(vtpm_mux_open_state(mux, &open_args), 0);
	CHECK(!memcmp(open_args.uuid, args.uuid, sizeof(args.uuid)));
	CHECK_EQ(open_args.assurance, args.assurance);
	CHECK_EQ(open_args.pcr_banks, args.pcr_banks ?: 15);
	CHECK_EQ(vtpm_mux_info(mux, open_args.number, &info), 0);
	CHECK(info.flags & VTPM_CREATE_STATE);
	CHECK_EQ(vtpm_mux_destroy(mux, open_args.number, 0), 0);
	CHECK_EQ(vtpm_mux_open_state(mux, &(struct vtpm_open){ .state_fd = args.state_fd }),
		 -EIDRM);
	ledger_end(mux, own);
}

static int try_forget(int mux, const struct vtpm_create *vtpm, unsigned int reserved)
{
	struct vtpm_forget args = { .reserved = reserved };

	memcpy(args.uuid, vtpm->uuid, sizeof(args.uuid));
	return vtpm_mux_forget(mux, &args);
}

/* Is the vTPM in the ledger? */
static bool find_known(int mux, const struct vtpm_create *vtpm, struct vtpm_known *known)
{
	for (known->entry = 0; !vtpm_mux_known(mux, known); known->entry++)
		if (!memcmp(known->uuid, vtpm->uuid, sizeof(vtpm->uuid)))
			return true;
	return false;
}

/* What the ledger knows, and what it is told to forget. */
TEST(state_and_ledger)
{
	struct vtpm_create args = {
		.flags = VTPM_CREATE_STATE, .state_fd = state_file(-1),
	};
	struct vtpm_open open_args = { .state_fd = args.state_fd };
	struct vtpm_create twin = { .flags = VTPM_CREATE_STATE };
	const struct vtpm_create nobody = {};
	struct vtpm_known known = {};
	struct vtpm_host_status host;
	int mux = open_mux();
	__u32 entries;
	bool own;

	if (!has_chip(mux))
		SKIP("no chip");
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	if (host.anchor != VTPM_HOST_ANCHOR_HELD) {
		CHECK_EQ(vtpm_mux_create(mux, &args), -EUNATCH);
		CHECK_EQ(vtpm_mux_known(mux, &known), -EUNATCH);
		CHECK_EQ(try_forget(mux, &args, 0), -EUNATCH);
		CHECK_EQ(lseek(args.state_fd, 0, SEEK_END), 0);
	}
	own = ledger_begin(mux);
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	CHECK_EQ(host.anchor, VTPM_HOST_ANCHOR_HELD);
	entries = host.anchor_entries;
	CHECK_EQ(vtpm_mux_create(mux, &args), 0);
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	CHECK_EQ(host.anchor_entries, entries + 1);
	CHECK(find_known(mux, &args, &known));
	CHECK_EQ(known.flags, VTPM_KNOWN_IN_USE);
	CHECK_EQ(known.accepted, 0);
	CHECK(known.generation > 0);

	CHECK_EQ(try_forget(mux, &args, 1), -EINVAL);
	CHECK_EQ(try_forget(mux, &nobody, 0), -ESRCH);
	CHECK_EQ(try_forget(mux, &args, 0), -EBUSY);
	CHECK_EQ(vtpm_mux_destroy(mux, args.number, VTPM_DESTROY_KEEP), 0);
	CHECK(find_known(mux, &args, &known));
	CHECK_EQ(known.flags, 0);
	twin.state_fd = state_file(-1);
	memcpy(twin.uuid, args.uuid, sizeof(twin.uuid));
	CHECK_EQ(vtpm_mux_create(mux, &twin), -EEXIST);
	CHECK_EQ(lseek(twin.state_fd, 0, SEEK_END), 0);
	known.entry = -1;
	CHECK_EQ(vtpm_mux_known(mux, &known), -ENOENT);
	CHECK_EQ(vtpm_mux_open_state(mux, &open_args), 0);
	CHECK_EQ(vtpm_mux_destroy(mux, open_args.number, VTPM_DESTROY_KEEP), 0);

	CHECK_EQ(try_forget(mux, &args, 0), 0);
	CHECK(!find_known(mux, &args, &known));
	CHECK_EQ(try_forget(mux, &args, 0), -ESRCH);
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	CHECK_EQ(host.anchor_entries, entries);
	open_args = (struct vtpm_open){ .state_fd = args.state_fd };
	CHECK_EQ(vtpm_mux_open_state(mux, &open_args), -ESRCH);
	ledger_end(mux, own);
}

int main(void)
{
	tap_begin();
	tap_run_all();
	return tap_end();
}
