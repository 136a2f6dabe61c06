/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_SCHED_H
#define HOSTED_LINUX_SCHED_H

#define cond_resched()		do { } while (0)

#endif
