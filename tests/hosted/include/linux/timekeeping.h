/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_TIMEKEEPING_H
#define HOSTED_LINUX_TIMEKEEPING_H

#include <linux/ktime.h>

#endif
