// SPDX-License-Identifier: GPL-2.0
/*
 * Log lines. A client decides how often it is refused: what it can cause is
 * bounded.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "log.h"

#define LOG_BURST	20	/* lines */
#define LOG_INTERVAL	10	/* seconds */

static time_t interval_begin;
static unsigned int interval_lines;

static bool log_allowed(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - interval_begin >= LOG_INTERVAL) {
		interval_begin = now.tv_sec;
		interval_lines = 0;
	}
	return interval_lines++ < LOG_BURST;
}

void log_line(int priority, const char *format, ...)
{
	char line[256];
	va_list args;

	if (!log_allowed())
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "<%d>%s\n", priority, line);
}
