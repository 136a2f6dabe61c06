// SPDX-License-Identifier: GPL-2.0
/*
 * Runs every registered KUnit suite, or those whose names begin with the
 * argument, and prints TAP.
 */
#include <kunit/test.h>
#include <stdarg.h>
#include <stdlib.h>

static struct kunit_suite *suites[64];
static unsigned int nsuites;

void kunit_register(struct kunit_suite *suite)
{
	if (nsuites == ARRAY_SIZE(suites))
		abort();
	suites[nsuites++] = suite;
}

void hosted_fail(struct kunit *test, const char *file, int line,
		 const char *fmt, ...)
{
	va_list args;

	test->failed = true;
	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

void hosted_dump(const char *name, const void *p, size_t len)
{
	const u8 *b = p;

	printf("#   %s:", name);
	while (len--)
		printf(" %02x", *b++);
	printf("\n");
}

int kunit_add_action(struct kunit *test, void (*action)(void *), void *ctx)
{
	struct kunit_resource *r = malloc(sizeof(*r));

	if (!r)
		abort();
	*r = (struct kunit_resource){ test->resources, action, ctx };
	test->resources = r;
	return 0;
}

static void release_memory(void *p)
{
	free(p);
}

/* Not with kmalloc(): a test that counts or fails allocations means others. */
void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	void *p = calloc(n, size);

	if (!p)
		abort();
	kunit_add_action(test, release_memory, p);
	return p;
}

void kunit_kfree(struct kunit *test, const void *p)
{
	struct kunit_resource *r;

	for (r = test->resources; r; r = r->next) {
		if (!p || r->ctx != p || r->action != release_memory)
			continue;
		free(r->ctx);
		r->ctx = NULL;
	}
}

static void run_once(struct kunit_suite *suite, struct kunit_case *kcase,
		     struct kunit *test)
{
	struct kunit_resource *r;

	if (!setjmp(test->abort)) {
		if (suite->init && suite->init(test))
			hosted_fail(test, suite->name, 0, "init failed");
		else
			kcase->run_case(test);
	}
	if (suite->exit)
		suite->exit(test);
	while ((r = test->resources)) {
		test->resources = r->next;
		r->action(r->ctx);
		free(r);
	}
}

/* With every parameter, if the case has some. */
static bool run(struct kunit_suite *suite, struct kunit_case *kcase,
		bool *skipped)
{
	static struct kunit test;
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;
	bool ok = true;

	do {
		if (kcase->generate_params) {
			param = kcase->generate_params(param, desc);
			if (!param)
				break;
		}
		memset(&test, 0, sizeof(test));
		test.param_value = param;
		run_once(suite, kcase, &test);
		if (test.failed && param)
			printf("# that was with %s\n", desc);
		ok &= !test.failed;
		*skipped |= test.skipped;
	} while (param);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0, failed = 0;
	struct kunit_case *kcase;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < nsuites; i++) {
		if (argc > 1 && strncmp(suites[i]->name, argv[1], strlen(argv[1])))
			continue;
		if (suites[i]->suite_init && suites[i]->suite_init(suites[i])) {
			printf("not ok %u %s: suite_init\n", ++n, suites[i]->name);
			failed++;
			continue;
		}
		for (kcase = suites[i]->test_cases; kcase->run_case; kcase++) {
			bool skipped = false;
			bool ok = run(suites[i], kcase, &skipped);

			printf("%sok %u %s: %s%s\n", ok ? "" : "not ", ++n,
			       suites[i]->name, kcase->name,
			       skipped ? " # SKIP" : "");
			failed += !ok;
		}
		if (suites[i]->suite_exit)
			suites[i]->suite_exit(suites[i]);
	}
	printf("1..%u\n", n);
	return failed ? 1 : 0;
}
