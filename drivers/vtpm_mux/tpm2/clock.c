// SPDX-License-Identifier: GPL-2.0
/*
 * Time and Clock (Part 1, 36; Part 3, 29). Time counts the milliseconds since
 * power came, Clock those of the TPM's life with power. Both stand still
 * while the vTPM is off, and run through a suspend of the host.
 *
 * Both stand still for as long as a command takes, too (vtpm2_clock_update()).
 *
 * Clock is written when it passes a multiple of VTPM2_CLOCK_UPDATE. After a
 * disorderly shutdown it goes on from there, "safe" only when it has passed the
 * next one: no greater value can have been reported before.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>

#include "commands.h"

/* TPM2_ClockRateAdjust: rates are (RATE_NOMINAL + rate) / RATE_NOMINAL */
#define RATE_NOMINAL	30000
#define RATE_FINE	1
#define RATE_MEDIUM	30
#define RATE_COARSE	300
#define RATE_LIMIT	5000

#define MAX_CLOCK	0xffff000000000000ULL

static u64 updates(u64 clock)
{
	return div_u64(clock, VTPM2_CLOCK_UPDATE);
}

static bool set_clock(struct vtpm2 *t, u64 clock)
{
	bool passed = updates(clock) > updates(t->clock_base);

	t->clock_base = clock;
	if (passed) {
		t->clock_safe = true;
		t->clock_durable = clock;
	}
	return passed;
}

/*
 * After TPM2_Shutdown the value that it saved counts as safe: another one that
 * is told has to be saved as well.
 */
static u64 tell_clock(struct vtpm2 *t)
{
	if (t->shutdown_valid)
		t->clock_durable = t->clock_base;
	return t->clock_base;
}

/* @ns of the host's clock as the adjusted rate counts them. */
static u64 adjust_rate(const struct vtpm2 *t, u64 ns)
{
	u32 rate = RATE_NOMINAL + t->clock_rate;
	u32 rest;

	ns = div_u64_rem(ns, RATE_NOMINAL, &rest);
	return ns * rate + div_u64((u64)rest * rate, RATE_NOMINAL);
}

s32 vtpm2_clock_rate_limit(s32 rate)
{
	return clamp(rate, -RATE_LIMIT, RATE_LIMIT);
}

/* Let Time and Clock catch up with the host's. */
bool vtpm2_clock_update(struct vtpm2 *t)
{
	u64 now = ktime_get_boottime_ns();
	u64 ms;

	if (!t->powered)
		return false;
	ms = div_u64_rem(adjust_rate(t, now - t->clock_ktime) + t->clock_rest,
			 NSEC_PER_MSEC, &t->clock_rest);
	t->clock_ktime = now;
	t->time_base += ms;
	return set_clock(t, t->clock_base + ms);
}

void vtpm2_clock_hold(struct vtpm2 *t, u64 durable, bool safe)
{
	t->clock_base = updates(t->clock_base) * VTPM2_CLOCK_UPDATE - 1;
	t->clock_durable = durable;
	t->clock_safe = safe;
}

void vtpm2_clock_power_on(struct vtpm2 *t)
{
	t->clock_ktime = ktime_get_boottime_ns();
	t->clock_rest = 0;
	t->clock_rate = 0;
	t->time_base = 0;
	/* times of the last power cycle mean nothing in this one */
	t->time_epoch++;
}

/*
 * Part 1, 36.3.3: after a disorderly shutdown a higher value may have been
 * seen before.
 */
void vtpm2_clock_startup(struct vtpm2 *t, bool orderly)
{
	if (!orderly)
		t->clock_safe = false;
	t->clock_durable = t->clock_base;
}

/* TPM2_Clear begins a new life. */
void vtpm2_clock_reset(struct vtpm2 *t)
{
	t->clock_base = 0;
	t->clock_durable = 0;
	t->clock_safe = true;
	t->reset_count = 0;
	t->restart_count = 0;
}

u64 vtpm2_clock_time(struct vtpm2 *t)
{
	return t->time_base;
}

u64 vtpm2_clock_now(struct vtpm2 *t)
{
	return tell_clock(t);
}

/* Part 2, 10.11.1 TPMS_CLOCK_INFO */
void vtpm2_wr_clock_info(struct vtpm2_wr *wr, struct vtpm2 *t)
{
	vtpm2_wr_u64(wr, tell_clock(t));
	vtpm2_wr_u32(wr, t->reset_count);
	vtpm2_wr_u32(wr, t->restart_count);
	vtpm2_wr_u8(wr, t->clock_safe);
}

/* Part 3, 29.1 */
u32 vtpm2_cc_read_clock(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;

	vtpm2_wr_u64(&c->out, vtpm2_clock_time(t));
	vtpm2_wr_clock_info(&c->out, t);
	return 0;
}

/* Part 3, 29.2: Clock never goes back. */
u32 vtpm2_cc_clock_set(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u64 clock;
	u32 rc;

	clock = vtpm2_rd_u64(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (clock > MAX_CLOCK || clock < vtpm2_clock_now(t))
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);

	set_clock(t, clock);
	t->clock_durable = clock;
	return 0;
}

/* Part 2, 6.7 TPM_CLOCK_ADJUST, -3 to 3; by its distance from 0 */
static const s32 rate_steps[] = { 0, RATE_FINE, RATE_MEDIUM, RATE_COARSE };

/* Part 3, 29.3: beyond the limit the rate stays, which is no error. */
u32 vtpm2_cc_clock_rate_adjust(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_rd *rd = vtpm2_param(c);
	s8 adjust = (s8)vtpm2_rd_u8(rd);
	s32 rate;
	u32 rc;

	if (adjust < -3 || adjust > 3)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	rc = vtpm2_done(c);
	if (rc)
		return rc;

	rate = t->clock_rate + (adjust < 0 ? -rate_steps[-adjust] :
					     rate_steps[adjust]);
	if (rate >= -RATE_LIMIT && rate <= RATE_LIMIT)
		t->clock_rate = rate;
	return 0;
}
