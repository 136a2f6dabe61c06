/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_SCHED_SIGNAL_H
#define HOSTED_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

#define current				((void *)0)
#define fatal_signal_pending(task)	((void)(task), 0)
#define signal_pending(task)		((void)(task), 0)

#endif
