/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_JIFFIES_H
#define HOSTED_LINUX_JIFFIES_H

#define HZ	250

#endif
