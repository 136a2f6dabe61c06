/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_BUG_H
#define HOSTED_LINUX_BUG_H

#include <stdio.h>
#include <stdlib.h>

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

static inline __noreturn void hosted_bug(const char *what, const char *file,
					 int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

#define BUG()			hosted_bug("BUG", __FILE__, __LINE__)
#define BUG_ON(cond) \
	do { if (unlikely(cond)) hosted_bug("BUG_ON(" #cond ")", __FILE__, __LINE__); } while (0)

/* What the kernel would warn about is a failed test here. */
#define WARN_ON(cond) ({						\
	bool __warn = !!(cond);						\
									\
	if (unlikely(__warn))						\
		hosted_bug("WARN_ON(" #cond ")", __FILE__, __LINE__);	\
	unlikely(__warn);						\
})
#define WARN(cond, fmt...)	WARN_ON(cond)
#define WARN_ON_ONCE(cond)	WARN_ON(cond)
#define WARN_ONCE(cond, fmt...)	WARN_ON(cond)

#endif
