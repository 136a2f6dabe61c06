/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VTPMD_LOG_H
#define VTPMD_LOG_H

#include <syslog.h>

/* A line on standard error with systemd's prefix of the priority. */
void log_line(int priority, const char *format, ...);

#define log_info(...)	log_line(LOG_INFO, __VA_ARGS__)
#define log_warn(...)	log_line(LOG_WARNING, __VA_ARGS__)
#define log_err(...)	log_line(LOG_ERR, __VA_ARGS__)

#endif
