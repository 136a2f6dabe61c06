/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_LOCKDEP_H
#define HOSTED_LINUX_LOCKDEP_H

#include <linux/bug.h>

#define lockdep_assert_held(lock)	BUG_ON(!(lock)->held)

#endif
