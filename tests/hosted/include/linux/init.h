/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_INIT_H
#define HOSTED_LINUX_INIT_H

#include <linux/compiler.h>

#endif
