/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ioctls with extensible structures, as <uapi/linux/vtpm_mux.h> defines them.
 */
#ifndef VTPM_IOCTL_H
#define VTPM_IOCTL_H

#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/vtpm_mux.h>

/* Any of the structures: each begins with its size. */
union vtpm_ioctl_arg {
	u32 size;
	struct vtpm_create create;
	struct vtpm_open open;
	struct vtpm_destroy destroy;
	struct vtpm_info info;
	struct vtpm_power power;
	struct vtpm_measure measure;
	struct vtpm_locality locality;
	struct vtpm_established established;
	struct vtpm_blob blob;
	struct vtpm_cancel cancel;
	struct vtpm_stats stats;
	struct vtpm_host_status host_status;
	struct vtpm_host_init host_init;
	struct vtpm_host_policy host_policy;
	struct vtpm_host_admit host_admit;
	struct vtpm_anchor anchor;
	struct vtpm_known known;
	struct vtpm_forget forget;
};

/**
 * struct vtpm_ioctl - one ioctl
 * @cmd: its number
 * @run: does it. @ctx comes from the device. @arg is the kernel's copy of the
 *	structure; its size is the number of bytes that both sides know. @argp
 *	is the caller's, for vtpm_ioctl_return().
 * @size: bytes of the kernel's structure
 * @min_size: bytes that the caller has to know: up to the last member that
 *	is required
 * @admin: needs CAP_SYS_ADMIN
 */
struct vtpm_ioctl {
	unsigned int cmd;
	int (*run)(void *ctx, union vtpm_ioctl_arg *arg, void __user *argp);
	u16 size;
	u16 min_size;
	bool admin;
};

long vtpm_ioctl_run(const struct vtpm_ioctl *table, unsigned int entries,
		    void *ctx, unsigned int cmd, void __user *argp);
int vtpm_ioctl_return(void __user *argp, const union vtpm_ioctl_arg *arg);

#endif
