/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_STDDEF_H
#define HOSTED_LINUX_STDDEF_H

#include <stdbool.h>
#include <stddef.h>

#include_next <linux/stddef.h>

#define sizeof_field(type, member)	sizeof(((type *)0)->member)
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof_field(type, member))
#define struct_group(name, members...) \
	__struct_group(/* no tag */, name, /* no attributes */, members)
#define DECLARE_FLEX_ARRAY(type, name)	__DECLARE_FLEX_ARRAY(type, name)

#endif
