/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_MM_H
#define HOSTED_LINUX_MM_H

#include <linux/slab.h>

#define PAGE_SIZE	4096UL

#endif
