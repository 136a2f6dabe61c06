// SPDX-License-Identifier: GPL-2.0
/*
 * What CTL_GET_INFO tells, in the words of swtpm. It holds for every vTPM;
 * its own properties are those that TPM2_GetCapability gives.
 */
#include <stdio.h>
#include <string.h>

#include "protocol.h"
#include "worker.h"

#define MEMBER(name, value)	"\"" name "\":\"" value "\""

static const struct {
	__u64 flag;
	const char *text;
} parts[] = {
	{ CTL_INFO_SPECIFICATION,
	  "\"TPMSpecification\":{\"family\":\"2.0\",\"level\":0,\"revision\":159}" },
	{ CTL_INFO_ATTRIBUTES, "\"TPMAttributes\":{"
	  MEMBER("manufacturer", "id:5654504D") ","
	  MEMBER("version", "id:00010000") ","
	  MEMBER("model", "vtpm_mux") "}" },
	{ CTL_INFO_FEATURES,
	  "\"TPMFeatures\":{\"RSAKeySizes\":[1024,2048,3072,4096]}" },
};

/* Returns the length; @size has room for all parts. */
size_t info_json(__u64 flags, char *text, size_t size)
{
	size_t i, n = snprintf(text, size, "{");

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (flags & parts[i].flag && n < size)
			n += snprintf(text + n, size - n, "%s%s",
				      n > 1 ? "," : "", parts[i].text);
	if (n < size)
		n += snprintf(text + n, size - n, "}");
	return n < size ? n : size - 1;
}
