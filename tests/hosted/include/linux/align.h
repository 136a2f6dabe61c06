/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_ALIGN_H
#define HOSTED_LINUX_ALIGN_H

#include <linux/kernel.h>

#endif
