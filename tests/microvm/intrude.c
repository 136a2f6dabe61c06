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
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#define SYSCALL_LEN	2	/* of the instruction */

static void check(int bad, const char *what)
{
	if (bad) {
		perror(what);
		exit(2);
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
	check(ptrace(PTRACE_ATTACH, pid, NULL, NULL), "attach");
	check(waitpid(pid, &status, __WALL) != pid, "wait");
	check(ptrace(PTRACE_GETREGS, pid, NULL, &regs), "registers");
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
		sig = WSTOPSIG(status);
		check(ptrace(PTRACE_CONT, pid, NULL, sig), "continue");
	}
	printf("killed by signal %d\n", WTERMSIG(status));
	return WTERMSIG(status) != SIGSYS;
}
