/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_STRINGIFY_H
#define HOSTED_LINUX_STRINGIFY_H

#include <linux/compiler.h>

#endif
