/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test harness in the manner of kselftest_harness.h, which no package
 * installs: TEST(name) { ... } registers a test; each runs in a process of its
 * own, with a time limit, and prints one line of TAP.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TAP_TIMEOUT
#define TAP_TIMEOUT	60	/* seconds for one test */
#endif

enum { TAP_PASS, TAP_FAIL, TAP_SKIP };

struct tap_test {
	const char *name;
	void (*run)(void);
	unsigned int flags;	/* meaning is the program's */
	struct tap_test *next;
};

static struct tap_test *tap_first, **tap_last = &tap_first;
static unsigned int tap_count, tap_failed;

static inline void tap_register(struct tap_test *test)
{
	*tap_last = test;
	tap_last = &test->next;
}

#define TEST_FLAGS(_name, _flags)					\
	static void _name(void);					\
	static struct tap_test tap_test_##_name = {			\
		.name = #_name, .run = _name, .flags = (_flags),	\
	};								\
	static void __attribute__((constructor)) tap_add_##_name(void)	\
	{								\
		tap_register(&tap_test_##_name);			\
	}								\
	static void _name(void)

#define TEST(_name)	TEST_FLAGS(_name, 0)

#define tap_note(_fmt, ...)						\
	do {								\
		printf("# " _fmt "\n", ##__VA_ARGS__);			\
		fflush(stdout);						\
	} while (0)

/* Ends the test: also from a thread or a child that is part of it. */
#define tap_fail(_fmt, ...)						\
	do {								\
		tap_note("%s:%d: " _fmt, __FILE__, __LINE__, ##__VA_ARGS__); \
		_exit(TAP_FAIL);					\
	} while (0)

#define SKIP(_why)							\
	do {								\
		tap_note("skipped: %s", _why);				\
		_exit(TAP_SKIP);					\
	} while (0)

#define CHECK(_cond)							\
	do {								\
		if (!(_cond))						\
			tap_fail("%s (errno %d, %s)", #_cond, errno,	\
				 strerror(errno));			\
	} while (0)

#define CHECK_EQ(_have, _want)						\
	do {								\
		long long have_ = (_have);				\
		long long want_ = (_want);				\
									\
		if (have_ != want_)					\
			tap_fail("%s is %lld (0x%llx), not %s = %lld",	\
				 #_have, have_, have_, #_want, want_);	\
	} while (0)

/* A call that returns -1 and sets errno. */
#define CHECK_ERRNO(_call, _errno)					\
	do {								\
		long long ret_;						\
									\
		errno = 0;						\
		ret_ = (_call);						\
		if (ret_ != -1 || errno != (_errno))			\
			tap_fail("%s returned %lld, errno %d (%s), not %s", \
				 #_call, ret_, errno, strerror(errno),	\
				 #_errno);				\
	} while (0)

/* Returns TAP_PASS, TAP_FAIL or TAP_SKIP. */
static inline int tap_run(struct tap_test *test, const char *suffix)
{
	int status, result = TAP_FAIL;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		alarm(TAP_TIMEOUT);
		test->run();
		fflush(stdout);
		_exit(TAP_PASS);
	}
	if (waitpid(pid, &status, 0) != pid)
		perror("waitpid");
	else if (WIFEXITED(status))
		result = WEXITSTATUS(status);
	else
		tap_note("%s%s: %s", test->name, suffix,
			 strsignal(WTERMSIG(status)));

	tap_count++;
	tap_failed += result != TAP_PASS && result != TAP_SKIP;
	printf("%sok %u - %s%s%s\n",
	       result == TAP_PASS || result == TAP_SKIP ? "" : "not ",
	       tap_count, test->name, suffix,
	       result == TAP_SKIP ? " # SKIP" : "");
	fflush(stdout);
	return result;
}

static inline void tap_begin(void)
{
	printf("TAP version 13\n");
	fflush(stdout);
}

static inline void tap_run_all(void)
{
	struct tap_test *test;

	for (test = tap_first; test; test = test->next)
		tap_run(test, "");
}

/* Prints the plan; the status for exit(). */
static inline int tap_end(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
