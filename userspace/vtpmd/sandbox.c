// SPDX-License-Identifier: GPL-2.0
/*
 * What vtpmd does without: root, capabilities, and most system calls.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vtpm_mux.h>

#include "sandbox.h"

#define GROUPS_MAX	64

/*
 * Become @user with that user's groups, and @group for the sockets, which a
 * process can only give to groups that it is in.
 */
void sandbox_drop_root(const char *user, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	int count = GROUPS_MAX - 1;
	struct passwd *pw;

	if (geteuid())
		return;
	pw = getpwnam(user);
	if (!pw)
		errx(EXIT_FAILURE, "%s: no such user: make it, or give --user", user);
	if (getgrouplist(user, pw->pw_gid, groups, &count) < 0)
		errx(EXIT_FAILURE, "%s: is in too many groups", user);
	if (group != (gid_t)-1)
		groups[count++] = group;
	/* This also drops all capabilities, unless the user is root. */
	if (setgroups(count, groups) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
		err(EXIT_FAILURE, "%s", user);
}

/*
 * Both processes: memory, time, events, files that are open. Which of several calls
 * of a kind it is, is up to the C library and the architecture.
 */
static const int calls_always[] = {
	SCMP_SYS(accept4), SCMP_SYS(brk), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(close), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_wait),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex),
	SCMP_SYS(futex_time64), SCMP_SYS(getrandom), SCMP_SYS(gettimeofday),
	SCMP_SYS(getsockopt), SCMP_SYS(mmap), SCMP_SYS(mmap2),
	SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(munmap), SCMP_SYS(read),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sendmsg),
	SCMP_SYS(sendto), SCMP_SYS(write), SCMP_SYS(writev),
};

/* The main process besides: sockets, /dev, workers. */
static const int calls_main[] = {
	SCMP_SYS(bind), SCMP_SYS(clone), SCMP_SYS(clone3),
	SCMP_SYS(close_range), SCMP_SYS(dup3), SCMP_SYS(epoll_create1),
	SCMP_SYS(eventfd2), SCMP_SYS(fchmod), SCMP_SYS(fchownat), SCMP_SYS(getegid),
	SCMP_SYS(getegid32), SCMP_SYS(geteuid), SCMP_SYS(geteuid32),
	SCMP_SYS(getgid), SCMP_SYS(getgid32), SCMP_SYS(getpid),
	SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(getuid32), SCMP_SYS(kill), SCMP_SYS(lchown),
	SCMP_SYS(lchown32), SCMP_SYS(listen), SCMP_SYS(openat),
	SCMP_SYS(pipe2), SCMP_SYS(prctl), SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction), SCMP_SYS(seccomp), SCMP_SYS(set_robust_list),
	SCMP_SYS(socket), SCMP_SYS(tgkill), SCMP_SYS(umask), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(wait4),
};

/* What is at a path, and what a descriptor is. */
static const int calls_stat[] = {
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(fstatat64),
	SCMP_SYS(lstat), SCMP_SYS(lstat64), SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
};

/*
 * Of fcntl: not to have signals sent to others, for which it takes no more than to be
 * the same user.
 */
static const int fcntl_always[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL };
static const int fcntl_main[] = { F_DUPFD, F_DUPFD_CLOEXEC };

static void add(scmp_filter_ctx filter, __u32 action, const int *calls, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (seccomp_rule_add(filter, action, calls[i], 0))
			errx(EXIT_FAILURE, "seccomp: no rule");
}

static void add_fcntl(scmp_filter_ctx filter, const int *commands, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				     SCMP_A1(SCMP_CMP_EQ, commands[i])) ||
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl64), 1,
				     SCMP_A1(SCMP_CMP_EQ, commands[i])))
			errx(EXIT_FAILURE, "seccomp: no rule");
}

#define ADD(filter, action, calls)	\
	add(filter, action, calls, sizeof(calls) / sizeof((calls)[0]))
#define ADD_FCNTL(filter, commands)	\
	add_fcntl(filter, commands, sizeof(commands) / sizeof((commands)[0]))

static void load(scmp_filter_ctx filter)
{
	int rc;

	/* seccomp sets no_new_privs, too */
	rc = seccomp_load(filter);
	if (rc)
		errx(EXIT_FAILURE, "seccomp: %s", strerror(-rc));
	seccomp_release(filter);
}

static scmp_filter_ctx filter_new(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!filter)
		errx(EXIT_FAILURE, "seccomp: no filter");
	ADD(filter, SCMP_ACT_ALLOW, calls_always);
	ADD_FCNTL(filter, fcntl_always);
	/* the ioctls of /dev/vtpmN, and no other device's */
	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			     SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffff00,
				     VTPM_IOC_MAGIC << 8)))
		errx(EXIT_FAILURE, "seccomp: no rule");
	return filter;
}

/* Workers inherit this one and add theirs. */
void sandbox_main(void)
{
	scmp_filter_ctx filter = filter_new();

	ADD(filter, SCMP_ACT_ALLOW, calls_main);
	ADD(filter, SCMP_ACT_ALLOW, calls_stat);
	ADD_FCNTL(filter, fcntl_main);
	/* what is opened is /dev/vtpmN, which is a name and no pattern here */
	load(filter);
}

/*
 * A worker opens, starts and sends nothing but what it has; and what its guest and
 * the TPM say to each other gets into no core file, nor to others of its user.
 */
void sandbox_worker(void)
{
	scmp_filter_ctx filter = filter_new();

	if (prctl(PR_SET_DUMPABLE, 0))
		err(EXIT_FAILURE, "prctl");
	/* where the C library asks whether standard error is a terminal */
	ADD(filter, SCMP_ACT_ERRNO(EPERM), calls_stat);
	load(filter);
}
