/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_LOG2_H
#define HOSTED_LINUX_LOG2_H

#include <linux/bitops.h>

#define is_power_of_2(n)	((n) != 0 && (((n) & ((n) - 1)) == 0))
#define ilog2(n)		(fls64(n) - 1)

#endif
