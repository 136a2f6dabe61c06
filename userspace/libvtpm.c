// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of /dev/vtpm-mux and /dev/vtpmN as C functions.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libvtpm.h"

static int do_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? -errno : 0;
}

int vtpm_mux_open(void)
{
	int fd = open(VTPM_MUX_PATH, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int vtpm_mux_create(int mux, struct vtpm_create *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_CREATE, args);
}

int vtpm_mux_open_state(int mux, struct vtpm_open *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_OPEN, args);
}

int vtpm_mux_destroy(int mux, unsigned int number, unsigned int flags)
{
	struct vtpm_destroy args = {
		.size = sizeof(args),
		.number = number,
		.flags = flags,
	};

	return do_ioctl(mux, VTPM_MUX_IOC_DESTROY, &args);
}

static int get_info(int fd, unsigned long cmd, unsigned int number,
		    struct vtpm_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->number = number;
	return do_ioctl(fd, cmd, info);
}

int vtpm_mux_info(int mux, unsigned int number, struct vtpm_info *info)
{
	return get_info(mux, VTPM_MUX_IOC_INFO, number, info);
}

int vtpm_mux_next(int mux, unsigned int number, struct vtpm_info *info)
{
	return get_info(mux, VTPM_MUX_IOC_NEXT, number, info);
}

static int do_power(int fd, unsigned long cmd, unsigned int number,
		    enum vtpm_power_op op, unsigned int flags)
{
	struct vtpm_power args = {
		.size = sizeof(args),
		.number = number,
		.op = op,
		.flags = flags,
	};

	return do_ioctl(fd, cmd, &args);
}

int vtpm_mux_power(int mux, unsigned int number, enum vtpm_power_op op)
{
	return do_power(mux, VTPM_MUX_IOC_POWER, number, op, 0);
}

int vtpm_mux_power_presence(int mux, unsigned int number,
			    enum vtpm_power_op op)
{
	return do_power(mux, VTPM_MUX_IOC_POWER, number, op, VTPM_POWER_PRESENCE);
}

/* In as many pieces as it takes. */
static int do_measure(int fd, unsigned long cmd, unsigned int number,
		      unsigned int flags, const void *data, size_t len)
{
	const char *p = data;
	int rc;

	do {
		struct vtpm_measure args = {
			.size = sizeof(args),
			.number = number,
			.flags = flags,
			.len = len < VTPM_MEASURE_MAX ? len : VTPM_MEASURE_MAX,
			.data = (uintptr_t)p,
		};

		p += args.len;
		len -= args.len;
		if (len)
			args.flags &= ~VTPM_MEASURE_END;
		rc = do_ioctl(fd, cmd, &args);
		flags &= ~VTPM_MEASURE_START;
	} while (!rc && len);
	return rc;
}

int vtpm_mux_measure(int mux, unsigned int number, unsigned int flags,
		     const void *data, size_t len)
{
	return do_measure(mux, VTPM_MUX_IOC_MEASURE, number, flags, data, len);
}

static int do_cancel(int fd, unsigned long cmd, unsigned int number)
{
	struct vtpm_cancel args = { .size = sizeof(args), .number = number };

	return do_ioctl(fd, cmd, &args);
}

int vtpm_mux_cancel(int mux, unsigned int number)
{
	return do_cancel(mux, VTPM_MUX_IOC_CANCEL, number);
}

int vtpm_mux_stats(int mux, unsigned int number, unsigned int flags,
		   struct vtpm_stat **rows)
{
	struct vtpm_stats args = {
		.size = sizeof(args),
		.number = number,
		.flags = flags,
		.row_size = sizeof(**rows),
		.count = 256,
	};
	unsigned int room;
	int rc;

	/* More codes may be seen between two calls. */
	do {
		room = args.count;
		*rows = calloc(room, sizeof(**rows));
		if (!*rows)
			return -ENOMEM;
		args.rows = (uintptr_t)*rows;
		rc = do_ioctl(mux, VTPM_MUX_IOC_STATS, &args);
		if (!rc && args.count <= room)
			return args.count;
		free(*rows);
		*rows = NULL;
	} while (!rc);
	return rc;
}

int vtpm_mux_host_status(int mux, struct vtpm_host_status *status)
{
	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	return do_ioctl(mux, VTPM_MUX_IOC_HOST_STATUS, status);
}

int vtpm_mux_host_init(int mux, const void *auth, size_t size)
{
	struct vtpm_host_init args = {};
	int rc;

	if (size > sizeof(args.auth))
		return -EINVAL;
	args.auth_size = size;
	if (size)
		memcpy(args.auth, auth, size);
	rc = vtpm_mux_host_bind(mux, &args);
	explicit_bzero(&args, sizeof(args));
	return rc;
}

int vtpm_mux_host_bind(int mux, struct vtpm_host_init *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_HOST_INIT, args);
}

int vtpm_mux_host_policy(int mux, struct vtpm_host_policy *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_HOST_POLICY, args);
}

int vtpm_mux_host_admit(int mux, struct vtpm_host_admit *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_HOST_ADMIT, args);
}

int vtpm_mux_anchor(int mux, struct vtpm_anchor *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_ANCHOR, args);
}

int vtpm_mux_known(int mux, struct vtpm_known *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_KNOWN, args);
}

int vtpm_mux_forget(int mux, struct vtpm_forget *args)
{
	args->size = sizeof(*args);
	return do_ioctl(mux, VTPM_MUX_IOC_FORGET, args);
}

int vtpm_dev_open(unsigned int number, int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), VTPM_PATH, number);
	fd = open(path, O_RDWR | flags);
	return fd < 0 ? -errno : fd;
}

int vtpm_dev_info(int dev, struct vtpm_info *info)
{
	return get_info(dev, VTPM_IOC_INFO, 0, info);
}

int vtpm_dev_power(int dev, enum vtpm_power_op op)
{
	return do_power(dev, VTPM_IOC_POWER, 0, op, 0);
}

int vtpm_dev_power_presence(int dev, enum vtpm_power_op op)
{
	return do_power(dev, VTPM_IOC_POWER, 0, op, VTPM_POWER_PRESENCE);
}

int vtpm_dev_measure(int dev, unsigned int flags, const void *data, size_t len)
{
	return do_measure(dev, VTPM_IOC_MEASURE, 0, flags, data, len);
}

int vtpm_dev_get_locality(int dev)
{
	struct vtpm_locality args = { .size = sizeof(args) };
	int rc = do_ioctl(dev, VTPM_IOC_GET_LOCALITY, &args);

	return rc ? rc : (int)args.locality;
}

int vtpm_dev_set_locality(int dev, unsigned int locality)
{
	struct vtpm_locality args = {
		.size = sizeof(args),
		.locality = locality,
	};

	return do_ioctl(dev, VTPM_IOC_SET_LOCALITY, &args);
}

int vtpm_dev_cancel(int dev)
{
	return do_cancel(dev, VTPM_IOC_CANCEL, 0);
}

int vtpm_dev_reset_established(int dev, unsigned int locality)
{
	struct vtpm_established args = {
		.size = sizeof(args),
		.locality = locality,
	};

	return do_ioctl(dev, VTPM_IOC_RESET_ESTABLISHED, &args);
}

ssize_t vtpm_dev_get_state(int dev, unsigned int type, void **blob)
{
	struct vtpm_blob args = {
		.size = sizeof(args),
		.type = type,
		.len = 16384,
	};
	unsigned int room;
	int rc;

	do {
		room = args.len;
		*blob = malloc(room);
		if (!*blob)
			return -ENOMEM;
		args.data = (uintptr_t)*blob;
		rc = do_ioctl(dev, VTPM_IOC_GET_STATE, &args);
		if (!rc)
			return args.len;
		free(*blob);
		*blob = NULL;
	} while (rc == -ENOBUFS && args.len > room);
	return rc;
}

int vtpm_dev_set_state(int dev, unsigned int type, unsigned int flags,
		       const void *blob, size_t len)
{
	struct vtpm_blob args = {
		.size = sizeof(args),
		.type = type,
		.flags = flags,
		.len = len,
		.data = (uintptr_t)blob,
	};

	if (len > VTPM_BLOB_MAX)
		return -EBADMSG;
	return do_ioctl(dev, VTPM_IOC_SET_STATE, &args);
}

ssize_t vtpm_dev_transmit(int dev, const void *cmd, size_t len,
			  void *rsp, size_t max)
{
	char more;
	ssize_t n;

	if (write(dev, cmd, len) < 0)
		return -errno;
	n = read(dev, rsp, max);
	if (n < 0)
		return -errno;
	/* Leaves nothing behind that would make the next write fail. */
	if ((size_t)n == max && read(dev, &more, 1) == 1)
		return -EMSGSIZE;
	return n;
}
