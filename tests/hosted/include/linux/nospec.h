/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_NOSPEC_H
#define HOSTED_LINUX_NOSPEC_H

/* No branch predictor to outwit between a test and its own engine. */
#define array_index_nospec(index, size)	(index)

#endif
