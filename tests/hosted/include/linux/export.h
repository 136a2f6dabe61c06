/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_EXPORT_H
#define HOSTED_LINUX_EXPORT_H

#define EXPORT_SYMBOL(sym)			extern int hosted_export
#define EXPORT_SYMBOL_GPL(sym)			extern int hosted_export
#define EXPORT_SYMBOL_NS(sym, ns)		extern int hosted_export
#define EXPORT_SYMBOL_NS_GPL(sym, ns)		extern int hosted_export
#define EXPORT_SYMBOL_FOR_TESTS_ONLY(sym)	extern int hosted_export

#endif
