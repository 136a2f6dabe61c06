// SPDX-License-Identifier: GPL-2.0
/*
 * Every ioctl, whatever its size and wherever its argument.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "tpm.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Any of the structures, and bytes that the kernel does not know. */
union arg {
	__u32 size;
	struct vtpm_create create;
	struct vtpm_open open;
	struct vtpm_destroy destroy;
	struct vtpm_info info;
	struct vtpm_power power;
	struct vtpm_measure measure;
	struct vtpm_locality locality;
	struct vtpm_cancel cancel;
	struct vtpm_stats stats;
	struct vtpm_host_status host_status;
	struct vtpm_host_init host_init;
	struct vtpm_host_policy host_policy;
	struct vtpm_host_admit host_admit;
	struct vtpm_anchor anchor;
	struct vtpm_known known;
	struct vtpm_forget forget;
	__u8 bytes[8192];
};

/*
 * Each ioctl with its sizes. Called on a number that nothing has, each fails
 * with @err if nothing is wrong with its size, but for those where @err is 0.
 */
static const struct ioctl_case {
	const char *name;
	unsigned long cmd;
	unsigned int min, size;
	int err;
	bool on_vtpm, returns;
} cases[] = {
	{ "create", VTPM_MUX_IOC_CREATE, 8, sizeof(struct vtpm_create),
	  EINVAL, false, false },
	{ "open", VTPM_MUX_IOC_OPEN, 16, sizeof(struct vtpm_open),
	  EINVAL, false, false },
	{ "destroy", VTPM_MUX_IOC_DESTROY, 8, sizeof(struct vtpm_destroy),
	  ENOENT, false, false },
	{ "info", VTPM_MUX_IOC_INFO, 8, sizeof(struct vtpm_info),
	  ENOENT, false, false },
	{ "next", VTPM_MUX_IOC_NEXT, 8, sizeof(struct vtpm_info),
	  ENOENT, false, false },
	{ "power", VTPM_MUX_IOC_POWER, 12, sizeof(struct vtpm_power),
	  ENOENT, false, false },
	{ "measure", VTPM_MUX_IOC_MEASURE, 24, sizeof(struct vtpm_measure),
	  ENOENT, false, false },
	{ "cancel", VTPM_MUX_IOC_CANCEL, 8, sizeof(struct vtpm_cancel),
	  ENOENT, false, false },
	{ "stats", VTPM_MUX_IOC_STATS, 32, sizeof(struct vtpm_stats),
	  EINVAL, false, false },
	{ "host status", VTPM_MUX_IOC_HOST_STATUS, 4,
	  sizeof(struct vtpm_host_status), 0, false, true },
	{ "host init", VTPM_MUX_IOC_HOST_INIT, 8, sizeof(struct vtpm_host_init),
	  EINVAL, false, false },
	{ "host policy", VTPM_MUX_IOC_HOST_POLICY, 48,
	  sizeof(struct vtpm_host_policy), EINVAL, false, false },
	{ "host admit", VTPM_MUX_IOC_HOST_ADMIT, 176,
	  sizeof(struct vtpm_host_admit), EINVAL, false, false },
	{ "anchor", VTPM_MUX_IOC_ANCHOR, 12, sizeof(struct vtpm_anchor),
	  EINVAL, false, false },
	{ "known", VTPM_MUX_IOC_KNOWN, 8, sizeof(struct vtpm_known),
	  EUNATCH, false, false },
	{ "forget", VTPM_MUX_IOC_FORGET, 24, sizeof(struct vtpm_forget),
	  EINVAL, false, false },
	{ "vtpm info", VTPM_IOC_INFO, 8, sizeof(struct vtpm_info),
	  0, true, true },
	{ "vtpm power", VTPM_IOC_POWER, 12, sizeof(struct vtpm_power),
	  EINVAL, true, false },
	{ "vtpm measure", VTPM_IOC_MEASURE, 24, sizeof(struct vtpm_measure),
	  EINVAL, true, false },
	{ "vtpm get locality", VTPM_IOC_GET_LOCALITY, 8,
	  sizeof(struct vtpm_locality), 0, true, true },
	{ "vtpm set locality", VTPM_IOC_SET_LOCALITY, 8,
	  sizeof(struct vtpm_locality), EINVAL, true, false },
	{ "vtpm cancel", VTPM_IOC_CANCEL, 4, sizeof(struct vtpm_cancel),
	  0, true, false },
};

/* An argument whose numbers are all out of range. */
static union arg *out_of_range(const struct ioctl_case *c, unsigned int size)
{
	static union arg arg;

	memset(&arg, 0, sizeof(arg));
	memset(arg.bytes, 0xff, c->size);
	if (c->cmd == VTPM_MUX_IOC_DESTROY) {
		arg.destroy.flags = 0;
		arg.destroy.reserved = 0;
	}
	if (c->cmd == VTPM_MUX_IOC_POWER || c->cmd == VTPM_IOC_POWER)
		arg.power.flags = 0;
	arg.size = size;
	return &arg;
}

static void check_case(int fd, const struct ioctl_case *c, unsigned int size,
		       int err)
{
	union arg *arg = out_of_range(c, size);
	int rc;

	errno = 0;
	rc = ioctl(fd, c->cmd, arg);
	if (rc != (err ? -1 : 0) || errno != err)
		tap_fail("%s of %u bytes: %d, errno %d, not %d", c->name, size,
			 rc, errno, err);
	if (!err && c->returns)
		CHECK_EQ(arg->size, size < c->size ? size : c->size);
}

static void check_sizes(int fd, const struct ioctl_case *c)
{
	union arg *arg;
	unsigned int i;

	for (i = 0; i < c->min; i++)
		check_case(fd, c, i, EINVAL);
	for (i = c->min; i <= c->size; i++)
		check_case(fd, c, i, c->err);
	/* What the kernel does not know has to be zero. */
	check_case(fd, c, c->size + 1, c->err);
	check_case(fd, c, c->size + 64, c->err);
	check_case(fd, c, 4096, c->err);
	check_case(fd, c, 4097, E2BIG);
	check_case(fd, c, -1, E2BIG);
	for (i = c->size; i < c->size + 16; i++) {
		arg = out_of_range(c, c->size + 16);
		arg->bytes[i] = 1;
		CHECK_ERRNO(ioctl(fd, c->cmd, arg), E2BIG);
	}
}

TEST(sizes)
{
	int mux = open_mux(), fd;
	unsigned int i, number;

	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int dev = cases[i].on_vtpm ? fd : mux;

		check_sizes(dev, &cases[i]);
	}
	destroy_vtpm(mux, number);
}

/* No more is written than the caller asked for. */
TEST(short_results)
{
	union arg arg;
	int mux = open_mux();
	unsigned int size, i, number;

	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	for (size = 8; size <= sizeof(struct vtpm_info) + 8; size++) {
		memset(&arg, 0, sizeof(arg));
		memset(arg.bytes + size, 0xa5, 64);
		arg.size = size;
		arg.info.number = number;
		CHECK_EQ(ioctl(mux, VTPM_MUX_IOC_INFO, &arg), 0);
		CHECK_EQ(arg.size, size < sizeof(arg.info) ? size :
						     sizeof(arg.info));
		for (i = 0; i < 64; i++)
			CHECK_EQ(arg.bytes[size + i], 0xa5);
	}
	destroy_vtpm(mux, number);
}

TEST(faulting_pointers)
{
	__u8 *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd, mux = open_mux();
	unsigned int i, number;

	CHECK(page != MAP_FAILED);
	CHECK(!munmap(page + 4096, 4096));
	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ioctl_case *c = &cases[i];
		int dev = c->on_vtpm ? fd : mux;
		__u8 *end = page + 4096;

		CHECK_ERRNO(ioctl(dev, c->cmd, NULL), EFAULT);
		CHECK_ERRNO(ioctl(dev, c->cmd, (void *)-4096L), EFAULT);
		CHECK_ERRNO(ioctl(dev, c->cmd, end), EFAULT);
		CHECK_ERRNO(ioctl(dev, c->cmd, end - 2), EFAULT);
		/* The size can be read, the rest cannot. */
		memcpy(end - 4, &c->size, 4);
		CHECK_ERRNO(ioctl(dev, c->cmd, end - 4), EFAULT);
	}
	destroy_vtpm(mux, number);
}

/* A caller that cannot be told of its vTPM gets none. */
TEST(create_into_readonly_memory)
{
	struct vtpm_create *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int mux = open_mux();
	unsigned int before = count_vtpms(mux);

	CHECK(args != MAP_FAILED);
	args->size = sizeof(*args);
	args->assurance = VTPM_ASSURANCE_SOFTWARE;
	CHECK(!mprotect(args, 4096, PROT_READ));
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_CREATE, args), EFAULT);
	CHECK_EQ(count_vtpms(mux), before);
}

TEST(unknown_ioctls)
{
	int mux = open_mux();
	unsigned int nr;

	for (nr = 0; nr < 256; nr++) {
		if (nr >= 0x50 && nr <= 0x5f)
			continue;
		CHECK_ERRNO(ioctl(mux, _IO(VTPM_IOC_MAGIC, nr), 0), ENOTTY);
	}
	CHECK_ERRNO(ioctl(mux, _IOWR(VTPM_IOC_MAGIC, 0x52, struct vtpm_info), 0),
		    ENOTTY);
	CHECK_ERRNO(ioctl(mux, 0, 0), ENOTTY);
	CHECK_ERRNO(read(mux, &nr, 4), EINVAL);
	CHECK_ERRNO(write(mux, &nr, 4), EINVAL);
}

int main(void)
{
	tap_begin();
	tap_run_all();
	return tap_end();
}
