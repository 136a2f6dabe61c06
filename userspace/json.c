// SPDX-License-Identifier: GPL-2.0
/*
 * Writes JSON to standard output.
 */
#include <stdio.h>

#include "json.h"

#define MAX_DEPTH	8

/* Of each object or array that is open: what closes it, and is it empty? */
static struct {
	char close;
	bool filled;
} stack[MAX_DEPTH];
static int depth;

static void put_quoted(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c >= 0x7f)	/* as Latin-1: always valid */
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void begin_value(const char *key)
{
	if (depth) {
		if (stack[depth - 1].filled)
			putchar(',');
		stack[depth - 1].filled = true;
		printf("\n%*s", 2 * depth, "");
	}
	if (key) {
		put_quoted(key);
		printf(": ");
	}
}

static void open_level(const char *key, char open, char close)
{
	begin_value(key);
	putchar(open);
	stack[depth].close = close;
	stack[depth].filled = false;
	depth++;
}

void json_open_object(const char *key)
{
	open_level(key, '{', '}');
}

void json_open_array(const char *key)
{
	open_level(key, '[', ']');
}

void json_close(void)
{
	depth--;
	if (stack[depth].filled)
		printf("\n%*s", 2 * depth, "");
	putchar(stack[depth].close);
	if (!depth)
		putchar('\n');
}

void json_string(const char *key, const char *value)
{
	begin_value(key);
	put_quoted(value);
}

void json_number(const char *key, long long value)
{
	begin_value(key);
	printf("%lld", value);
}

void json_bool(const char *key, bool value)
{
	begin_value(key);
	printf("%s", value ? "true" : "false");
}

void json_hex(const char *key, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	begin_value(key);
	putchar('"');
	while (len--)
		printf("%02x", *p++);
	putchar('"');
}
