/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_MODULE_H
#define HOSTED_LINUX_MODULE_H

#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>

#define MODULE_LICENSE(s)	extern int hosted_export
#define MODULE_AUTHOR(s)	extern int hosted_export
#define MODULE_DESCRIPTION(s)	extern int hosted_export
#define MODULE_IMPORT_NS(ns)	extern int hosted_export

#endif
