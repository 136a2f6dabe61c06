/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_KCONFIG_H
#define HOSTED_LINUX_KCONFIG_H

#include <linux/compiler.h>

#endif
