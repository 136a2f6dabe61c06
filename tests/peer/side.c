// SPDX-License-Identifier: GPL-2.0
#include <tss2/tss2_tctildr.h>

#include "side.h"

static struct {
	ESYS_CONTEXT *esys;
	TSS2_TCTI_CONTEXT *tcti;
} sides[SIDES];
static enum side now = OURS;

static const char *tcti_name(enum side side)
{
	static char name[256];

	if (side == PEER)
		return getenv("ESYS_TEST_PEER");
	snprintf(name, sizeof(name), "%s -H", getenv("ESYS_TEST_TCTI"));
	return name;
}

static void open_side(enum side side)
{
	TSS2_RC rc;

	OK(Tss2_TctiLdr_Initialize(tcti_name(side), &sides[side].tcti));
	OK(Esys_Initialize(&sides[side].esys, sides[side].tcti, NULL));
	rc = Esys_Startup(sides[side].esys, TPM2_SU_CLEAR);
	if (rc != TPM2_RC_INITIALIZE)
		OK(rc);
}

void use(enum side side)
{
	sides[now].esys = E;
	sides[now].tcti = tcti;
	if (side != OURS && !sides[side].tcti)
		open_side(side);
	now = side;
	E = sides[side].esys;
	tcti = sides[side].tcti;
}

/* main.c looks after the first side itself. */
void test_home(void)
{
	enum side side;

	for (side = OURS + 1; side < SIDES; side++) {
		if (!sides[side].tcti && now != side)
			continue;
		use(side);
		test_clean();
		Esys_Finalize(&E);
		OK(Esys_Initialize(&E, tcti, NULL));
	}
	use(OURS);
}
