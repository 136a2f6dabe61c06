/* SPDX-License-Identifier: GPL-2.0 */
/* One thread: only the compiler could reorder. */
#ifndef HOSTED_ASM_BARRIER_H
#define HOSTED_ASM_BARRIER_H

#include <linux/compiler.h>

#define virt_mb()	barrier()
#define virt_rmb()	barrier()
#define virt_wmb()	barrier()

#endif
