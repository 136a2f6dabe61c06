/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_COMPILER_ATTRIBUTES_H
#define HOSTED_LINUX_COMPILER_ATTRIBUTES_H

#include <linux/compiler.h>

#endif
