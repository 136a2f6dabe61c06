// SPDX-License-Identifier: GPL-2.0
/*
 * Does what somebody would who has broken into a process: has it open a file.
 * The process waits in a system call; its registers are changed so that it
 * makes another one.
 *
 *	intrude PID
 *
 * Exit status: 0 the process was killed for it, by SIGSYS.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#define SYSCALL		0x050f	/* the instruction, and its length */
#define SYSCALL_LEN	2

static void check(int bad, const char *what)
{
	if (bad) {
		perror(what);
		exit(2);
	}
}

/* Stops it just behind a system call, where it is most of the time. */
static void stop_at_syscall(pid_t pid, struct user_regs_struct *regs)
{
	int status;
	long word;

	for (;;) {
		check(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), "interrupt");
		check(waitpid(pid, &status, __WALL) != pid, "wait");
		check(!WIFSTOPPED(status), "it has ended");
		check(ptrace(PTRACE_GETREGS, pid, NULL, regs), "registers");
		errno = 0;
		word = ptrace(PTRACE_PEEKTEXT, pid, regs->rip - SYSCALL_LEN, NULL);
		if (!errno && (word & 0xffff) == SYSCALL)
			return;
		check(ptrace(PTRACE_CONT, pid, NULL, NULL), "continue");
	}
}

int main(int argc, char **argv)
{
	struct user_regs_struct regs;
	pid_t pid;
	int status, sig;

	if (argc != 2)
		return 2;
	pid = atoi(argv[1]);
	check(ptrace(PTRACE_SEIZE, pid, NULL, NULL), "seize");
	stop_at_syscall(pid, &regs);
	/* Not to be restarted as what it was. */
	regs.orig_rax = -1;
	regs.rip -= SYSCALL_LEN;
	regs.rax = SYS_openat;
	regs.rdi = AT_FDCWD;
	regs.rsi = 0;
	regs.rdx = O_RDONLY;
	check(ptrace(PTRACE_SETREGS, pid, NULL, &regs), "registers");
	check(ptrace(PTRACE_CONT, pid, NULL, NULL), "continue");
	for (;;) {
		if (waitpid(pid, &status, __WALL) != pid) {
			perror("wait");
			return 1;
		}
		if (WIFSIGNALED(status))
			break;
		if (WIFEXITED(status))
			return 1;
		sig = status >> 16 ? 0 : WSTOPSIG(status);
		check(ptrace(PTRACE_CONT, pid, NULL, sig), "continue");
	}
	printf("killed by signal %d\n", WTERMSIG(status));
	return WTERMSIG(status) != SIGSYS;
}
