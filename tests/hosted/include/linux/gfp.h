/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_GFP_H
#define HOSTED_LINUX_GFP_H

#include <linux/types.h>

#define GFP_KERNEL		((gfp_t)0x01)
#define GFP_KERNEL_ACCOUNT	((gfp_t)0x02)
#define GFP_ATOMIC		((gfp_t)0x04)
#define GFP_NOWAIT		((gfp_t)0x08)
#define __GFP_ZERO		((gfp_t)0x10)
#define __GFP_NOWARN		((gfp_t)0x20)
#define __GFP_ACCOUNT		((gfp_t)0x40)
#define __GFP_RETRY_MAYFAIL	((gfp_t)0x80)
#define __GFP_NORETRY		((gfp_t)0x100)

#endif
