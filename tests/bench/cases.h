/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include <stddef.h>

#define CASE_STEPS	8

/**
 * struct timing - a command whose time is measured
 * @name: in the table
 * @timed: the command, as script.h describes it
 * @setup: steps before all of it; handles they bring are flushed in the end
 * @each: steps before each measurement
 * @after: steps after each measurement
 * @least: how often at least, however slow; for what takes luck
 */
struct timing {
	const char *name;
	const char *timed;
	const char *setup[CASE_STEPS];
	const char *each[CASE_STEPS];
	const char *after[CASE_STEPS];
	size_t least;
};

extern const struct timing timings[];
extern const size_t timing_count;

#endif
