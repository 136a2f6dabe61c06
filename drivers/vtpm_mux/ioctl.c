// SPDX-License-Identifier: GPL-2.0
/*
 * Ioctls with extensible structures.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ioctl.h"

/**
 * vtpm_ioctl_return() - give a structure back to the caller
 * @argp: the caller's
 * @arg: the kernel's
 *
 * Return: 0 or -EFAULT.
 */
int vtpm_ioctl_return(void __user *argp, const union vtpm_ioctl_arg *arg)
{
	/* vtpm_ioctl_call() made it no more than either side's structure. */
	return copy_to_user(argp, arg, arg->size) ? -EFAULT : 0;
}

static int vtpm_ioctl_call(const struct vtpm_ioctl *op, void *ctx,
			   void __user *argp)
{
	union vtpm_ioctl_arg arg;
	u32 size;
	int rc;

	if (get_user(size, (u32 __user *)argp))
		return -EFAULT;
	if (size < op->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	/* Fills all of the one structure, which is a member of the union. */
	rc = copy_struct_from_user(&arg, op->size, argp, size);
	if (!rc) {
		/* The caller may have changed its copy since get_user(). */
		arg.size = min_t(u32, size, op->size);
		rc = op->run(ctx, &arg, argp);
	}
	memzero_explicit(&arg, sizeof(arg));
	return rc;
}

/**
 * vtpm_ioctl_run() - find an ioctl and do it
 * @table: the ioctls of a device
 * @entries: their number
 * @ctx: passed on
 * @cmd: the number asked for
 * @argp: the caller's structure
 *
 * Return: what the ioctl returns, or -ENOTTY, -EPERM, -EFAULT, -EINVAL,
 * -E2BIG as <uapi/linux/vtpm_mux.h> says.
 */
long vtpm_ioctl_run(const struct vtpm_ioctl *table, unsigned int entries,
		    void *ctx, unsigned int cmd, void __user *argp)
{
	unsigned int i;

	for (i = 0; i < entries; i++) {
		if (table[i].cmd != cmd)
			continue;
		if (table[i].admin && !capable(CAP_SYS_ADMIN))
			return -EPERM;
		return vtpm_ioctl_call(&table[i], ctx, argp);
	}
	return -ENOTTY;
}
