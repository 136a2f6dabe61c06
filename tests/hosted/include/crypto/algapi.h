/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_CRYPTO_ALGAPI_H
#define HOSTED_CRYPTO_ALGAPI_H

#include <crypto/utils.h>

#endif
