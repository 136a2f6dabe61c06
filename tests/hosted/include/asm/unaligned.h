/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_ASM_UNALIGNED_H
#define HOSTED_ASM_UNALIGNED_H

#include <linux/unaligned.h>

#endif
