/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Enough of KUnit to run the project's suites in user space: link them with
 * kunit_main.c, which has main() and prints TAP.
 */
#ifndef HOSTED_KUNIT_TEST_H
#define HOSTED_KUNIT_TEST_H

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit_resource {
	struct kunit_resource *next;
	void (*action)(void *ctx);
	void *ctx;
};

struct kunit {
	void *priv;
	const void *param_value;
	bool failed, skipped;
	struct kunit_resource *resources;
	jmp_buf abort;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)			{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_SLOW(fn)		KUNIT_CASE(fn)
#define KUNIT_CASE_PARAM(fn, gen) \
	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define KUNIT_ARRAY_PARAM(name, array, get_desc)			\
static const void *name##_gen_params(const void *prev, char *desc)	\
{									\
	__typeof__(&(array)[0]) next = prev;				\
									\
	next = prev ? next + 1 : (array);				\
	if (next >= (array) + ARRAY_SIZE(array))			\
		return NULL;						\
	(get_desc)(next, desc);						\
	return next;							\
}

void kunit_register(struct kunit_suite *suite);

#define kunit_test_suites(suites...)					\
__attribute__((constructor)) static void hosted_add_suites(void)	\
{									\
	struct kunit_suite *__s[] = { suites };				\
	unsigned int __i;						\
									\
	for (__i = 0; __i < ARRAY_SIZE(__s); __i++)			\
		kunit_register(__s[__i]);				\
}									\
extern int hosted_export
#define kunit_test_suite(suite)	kunit_test_suites(&suite)

__printf(4, 5)
void hosted_fail(struct kunit *test, const char *file, int line,
		 const char *fmt, ...);
void hosted_dump(const char *name, const void *p, size_t len);

#define KUNIT_FAIL(test, fmt...)	hosted_fail(test, __FILE__, __LINE__, fmt)

#define __hosted_check(test, fatal, ok, fmt...) do {			\
	if (!(ok)) {							\
		KUNIT_FAIL(test, fmt);					\
		if (fatal)						\
			longjmp((test)->abort, 1);			\
	}								\
} while (0)

#define __hosted_compare(test, fatal, a, op, b) do {			\
	__auto_type __a = (a);						\
	__auto_type __b = (b);						\
									\
	__hosted_check(test, fatal, __a op __b,				\
		       "%s (%lld) " #op " %s (%lld)", #a,		\
		       (long long)(uintptr_t)__a, #b,			\
		       (long long)(uintptr_t)__b);			\
} while (0)

#define __hosted_memory(test, fatal, a, op, b, len) do {		\
	const void *__a = (a), *__b = (b);				\
	size_t __len = (len);						\
	bool __ok = memcmp(__a, __b, __len) op 0;			\
									\
	if (!__ok) {							\
		hosted_dump(#a, __a, __len);				\
		hosted_dump(#b, __b, __len);				\
	}								\
	__hosted_check(test, fatal, __ok, "%s " #op " %s", #a, #b);	\
} while (0)

#define KUNIT_EXPECT_EQ(t, a, b)	__hosted_compare(t, 0, a, ==, b)
#define KUNIT_EXPECT_NE(t, a, b)	__hosted_compare(t, 0, a, !=, b)
#define KUNIT_EXPECT_LT(t, a, b)	__hosted_compare(t, 0, a, <, b)
#define KUNIT_EXPECT_LE(t, a, b)	__hosted_compare(t, 0, a, <=, b)
#define KUNIT_EXPECT_GT(t, a, b)	__hosted_compare(t, 0, a, >, b)
#define KUNIT_EXPECT_GE(t, a, b)	__hosted_compare(t, 0, a, >=, b)
#define KUNIT_EXPECT_PTR_EQ(t, a, b)	__hosted_compare(t, 0, a, ==, b)
#define KUNIT_EXPECT_PTR_NE(t, a, b)	__hosted_compare(t, 0, a, !=, b)
#define KUNIT_EXPECT_TRUE(t, c)		__hosted_check(t, 0, c, "%s", #c)
#define KUNIT_EXPECT_FALSE(t, c)	__hosted_check(t, 0, !(c), "!(%s)", #c)
#define KUNIT_EXPECT_NULL(t, p)		__hosted_check(t, 0, !(p), "!%s", #p)
#define KUNIT_EXPECT_NOT_NULL(t, p)	__hosted_check(t, 0, p, "%s", #p)
#define KUNIT_EXPECT_STREQ(t, a, b)	__hosted_check(t, 0, !strcmp(a, b), "%s == %s", a, b)
#define KUNIT_EXPECT_MEMEQ(t, a, b, n)	__hosted_memory(t, 0, a, ==, b, n)
#define KUNIT_EXPECT_MEMNEQ(t, a, b, n)	__hosted_memory(t, 0, a, !=, b, n)
#define KUNIT_ASSERT_EQ(t, a, b)	__hosted_compare(t, 1, a, ==, b)
#define KUNIT_ASSERT_NE(t, a, b)	__hosted_compare(t, 1, a, !=, b)
#define KUNIT_ASSERT_LT(t, a, b)	__hosted_compare(t, 1, a, <, b)
#define KUNIT_ASSERT_LE(t, a, b)	__hosted_compare(t, 1, a, <=, b)
#define KUNIT_ASSERT_GT(t, a, b)	__hosted_compare(t, 1, a, >, b)
#define KUNIT_ASSERT_GE(t, a, b)	__hosted_compare(t, 1, a, >=, b)
#define KUNIT_ASSERT_PTR_EQ(t, a, b)	__hosted_compare(t, 1, a, ==, b)
#define KUNIT_ASSERT_TRUE(t, c)		__hosted_check(t, 1, c, "%s", #c)
#define KUNIT_ASSERT_FALSE(t, c)	__hosted_check(t, 1, !(c), "!(%s)", #c)
#define KUNIT_ASSERT_NULL(t, p)		__hosted_check(t, 1, !(p), "!%s", #p)
#define KUNIT_ASSERT_NOT_NULL(t, p)	__hosted_check(t, 1, p, "%s", #p)
#define KUNIT_ASSERT_STREQ(t, a, b)	__hosted_check(t, 1, !strcmp(a, b), "%s == %s", a, b)
#define KUNIT_ASSERT_MEMEQ(t, a, b, n)	__hosted_memory(t, 1, a, ==, b, n)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p) \
	__hosted_check(t, 1, !IS_ERR_OR_NULL(p), "%s", #p)
#define KUNIT_EXPECT_EQ_MSG(t, a, b, fmt...) \
	__hosted_check(t, 0, (a) == (b), fmt)
#define KUNIT_EXPECT_NE_MSG(t, a, b, fmt...) \
	__hosted_check(t, 0, (a) != (b), fmt)
#define KUNIT_ASSERT_EQ_MSG(t, a, b, fmt...) \
	__hosted_check(t, 1, (a) == (b), fmt)
#define KUNIT_EXPECT_TRUE_MSG(t, c, fmt...)	__hosted_check(t, 0, c, fmt)
#define KUNIT_EXPECT_FALSE_MSG(t, c, fmt...)	__hosted_check(t, 0, !(c), fmt)
#define KUNIT_ASSERT_TRUE_MSG(t, c, fmt...)	__hosted_check(t, 1, c, fmt)
#define KUNIT_EXPECT_MEMEQ_MSG(t, a, b, n, fmt...) \
	__hosted_check(t, 0, !memcmp(a, b, n), fmt)
#define KUNIT_ASSERT_MEMEQ_MSG(t, a, b, n, fmt...) \
	__hosted_check(t, 1, !memcmp(a, b, n), fmt)

#define kunit_info(test, fmt, args...)	printf("# " fmt "\n", ##args)
#define kunit_warn(test, fmt, args...)	printf("# " fmt "\n", ##args)
#define kunit_err(test, fmt, args...)	printf("# " fmt "\n", ##args)
#define kunit_skip(test, fmt, args...) do {				\
	kunit_info(test, fmt, ##args);					\
	(test)->skipped = true;						\
	longjmp((test)->abort, 1);					\
} while (0)

int kunit_add_action(struct kunit *test, void (*action)(void *), void *ctx);
#define kunit_add_action_or_reset(test, action, ctx) \
	kunit_add_action(test, action, ctx)

/* Freed with the test, or before it by kunit_kfree() */
void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp);
void kunit_kfree(struct kunit *test, const void *p);

#define kunit_kmalloc(test, size, gfp)	kunit_kmalloc_array(test, 1, size, gfp)
#define kunit_kzalloc(test, size, gfp) \
	kunit_kmalloc_array(test, 1, size, (gfp) | __GFP_ZERO)
#define kunit_kcalloc(test, n, size, gfp) \
	kunit_kmalloc_array(test, n, size, (gfp) | __GFP_ZERO)

#endif
