// SPDX-License-Identifier: GPL-2.0
/* Runs the tests whose names contain an argument (all without one): TAP. */
#include <setjmp.h>
#include <stdarg.h>

#include <tss2/tss2_tctildr.h>

#include "esys_test.h"
#include "starve.h"

ESYS_CONTEXT *E;
TSS2_TCTI_CONTEXT *tcti;

static struct test *tests, **tests_end = &tests;
static jmp_buf failed;

void test_add(struct test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	longjmp(failed, 1);
}

/* Flush what a test has left behind, so that the next one starts clean. */
static void flush_range(uint32_t first)
{
	TPMS_CAPABILITY_DATA *cap = NULL;
	TPMI_YES_NO more;
	uint32_t i;

	if (Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_HANDLES, first, 64,
			       &more, &cap))
		return;
	for (i = 0; i < cap->data.handles.count; i++) {
		char hex[64];
		uint32_t h = cap->data.handles.handle[i];

		/* saved sessions are listed under 03, flushed by 02 or 03 */
		snprintf(hex, sizeof(hex), "8001 0000000e 00000165 %08x", h);
		if (raw(hex) && h >> 24 == 3) {
			snprintf(hex, sizeof(hex),
				 "8001 0000000e 00000165 %08x", h - 0x01000000);
			raw(hex);
		}
	}
	FREE(cap);
}

void test_clean(void)
{
	flush_range(TPM2_TRANSIENT_FIRST);
	flush_range(TPM2_LOADED_SESSION_FIRST);
	flush_range(TPM2_ACTIVE_SESSION_FIRST);
}

/* Undo what a failed test may have left: by the platform, as firmware would. */
static void recover(void)
{
	raw("8002 0000001c 00000127 4000000c 00000009 40000009 0000 00 0000 00");
	raw("8002 0000001b 00000126 4000000c 00000009 40000009 0000 00 0000");
}

static void open_esys(void)
{
	TSS2_RC rc = Esys_Initialize(&E, tcti, NULL);

	if (rc) {
		printf("Bail out! Esys_Initialize: %s\n", Tss2_RC_Decode(rc));
		exit(2);
	}
}

int main(int argc, char **argv)
{
	const char *name = getenv("ESYS_TEST_TCTI");
	static unsigned int n, bad;
	const char *starved = getenv("ESYS_TEST_STARVE");
	struct test *test;
	TSS2_RC rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (starved) {
		tcti = starve_open(starved);
		rc = 0;
	} else {
		rc = Tss2_TctiLdr_Initialize(name ? name : "device:/dev/vtpm0", &tcti);
	}
	if (rc) {
		printf("Bail out! %s: %s\n", name, Tss2_RC_Decode(rc));
		return 2;
	}
	open_esys();
	rc = Esys_Startup(E, TPM2_SU_CLEAR);
	if (rc && rc != TPM2_RC_INITIALIZE) {
		printf("Bail out! Startup: %s\n", Tss2_RC_Decode(rc));
		return 2;
	}
	test_clean();
	for (test = tests; test; test = test->next) {
		volatile bool ok;

		if (argc > 1 && !strstr(test->name, argv[1]))
			continue;
		ok = !setjmp(failed);
		if (ok)
			test->fn();
		printf("%sok %u %s\n", ok ? "" : "not ", ++n, test->name);
		bad += !ok;
		if (!ok)
			recover();
		if (test_home)
			test_home();
		/* a failed test may leave the context in any state */
		Esys_Finalize(&E);
		open_esys();
		test_clean();
	}
	if (starved) {
		unsigned long wrong, count = starve_count(&wrong);
		bool ok = count && !wrong;

		printf("# %lu allocations failed\n", count);
		printf("%sok %u want_of_memory\n", ok ? "" : "not ", ++n);
		bad += !ok;
	}
	printf("1..%u\n", n);
	Esys_Finalize(&E);
	if (!starved)
		Tss2_TctiLdr_Finalize(&tcti);
	return bad ? 1 : 0;
}
