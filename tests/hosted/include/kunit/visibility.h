/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_KUNIT_VISIBILITY_H
#define HOSTED_KUNIT_VISIBILITY_H

#include <linux/compiler.h>

#if IS_ENABLED(CONFIG_KUNIT)
#define VISIBLE_IF_KUNIT
#define EXPORT_SYMBOL_IF_KUNIT(symbol)	extern int hosted_export
#else
#define VISIBLE_IF_KUNIT static
#define EXPORT_SYMBOL_IF_KUNIT(symbol)	extern int hosted_export
#endif

#endif
