// SPDX-License-Identifier: GPL-2.0
/*
 * To be preloaded: the program is killed where it is about to do, for the Nth time
 * (KILLED_AT), something that lasts.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void step(void)
{
	static int steps;

	if (++steps == atoi(getenv("KILLED_AT")))
		raise(SIGKILL);
}

int fsync(int fd)
{
	step();
	return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int renameat(int dir, const char *from, int to_dir, const char *to)
{
	step();
	return ((int (*)(int, const char *, int, const char *))
		dlsym(RTLD_NEXT, "renameat"))(dir, from, to_dir, to);
}

int unlinkat(int dir, const char *name, int flags)
{
	step();
	return ((int (*)(int, const char *, int))dlsym(RTLD_NEXT, "unlinkat"))(dir, name, flags);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	step();
	return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, arg);
}
