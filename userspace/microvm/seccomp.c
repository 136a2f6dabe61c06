// SPDX-License-Identifier: GPL-2.0
/*
 * What the VMM may ask of the kernel once the guest runs: what its devices need,
 * and nothing by which it could reach anything else. A call that is not listed
 * kills the process.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/vhost.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "microvm.h"

/* Each with the descriptors that the process has, and no way to others. */
static const int calls[] = {
	SCMP_SYS(read),			/* eventfds */
	SCMP_SYS(write),		/* eventfds, the console */
	SCMP_SYS(clock_gettime),	/* where the vDSO cannot tell the time */
	SCMP_SYS(exit_group),
};

static const unsigned long ioctls[] = {
	KVM_RUN,
	KVM_IRQ_LINE,			/* of the console */
	VHOST_SET_FEATURES,		/* the guest's driver takes the vTPM */
	VHOST_VDPA_GET_STATUS,
	VHOST_VDPA_SET_STATUS,
	VHOST_VDPA_GET_VRING_NUM,
	VHOST_SET_VRING_NUM,
	VHOST_SET_VRING_ADDR,
	VHOST_SET_VRING_BASE,
	VHOST_SET_VRING_CALL,
	VHOST_SET_VRING_KICK,
	VHOST_VDPA_SET_CONFIG_CALL,
	VHOST_VDPA_SET_VRING_ENABLE,
};

static void check(int rc)
{
	if (rc)
		die("seccomp: %s", strerror(-rc));
}

/**
 * seccomp_enter() - from here on, for all threads of the process
 *
 * There is no way back: PR_SET_NO_NEW_PRIVS is libseccomp's default.
 */
void seccomp_enter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	unsigned int i;

	if (!ctx)
		die("seccomp: no filter");
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		check(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0));
	for (i = 0; i < ARRAY_SIZE(ioctls); i++)
		check(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_EQ, ioctls[i])));
	check(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1));
	check(seccomp_load(ctx));
	seccomp_release(ctx);
}
