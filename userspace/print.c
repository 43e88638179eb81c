// SPDX-License-Identifier: GPL-2.0-or-later
/* One call for text and JSON: what is printed is said once. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

static struct {
	bool json;
	bool pretty;
	bool comma;		/* a value precedes in this object or array */
	unsigned int depth;
} state;

/**
 * print_init - choose what the print calls emit
 * @json: JSON instead of text
 * @pretty: indent the JSON
 */
void print_init(bool json, bool pretty)
{
	memset(&state, 0, sizeof(state));
	state.json = json;
	state.pretty = pretty;
}

static void indent(void)
{
	if (state.pretty)
		printf("\n%*s", 4 * (int)state.depth, "");
}

/* The length of the UTF-8 sequence @s starts with; 0 when it is not one. */
static unsigned int utf8_length(const unsigned char *s)
{
	unsigned int length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned int i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

/* The control character that @s starts with (C0, DEL or C1), 0 when it is none. */
static unsigned int control(const unsigned char *s)
{
	if (*s == 0xc2)
		return s[1] >= 0x80 && s[1] < 0xa0 ? s[1] : 0;
	return *s < 0x20 || *s == 0x7f ? *s : 0;
}

/* RFC 8259 section 7; a byte that is not UTF-8 becomes U+FFFD. */
static void json_string(const char *value)
{
	const unsigned char *s = (const unsigned char *)value;
	unsigned int length;

	putchar('"');
	for (; *s; s += length ? length : 1) {
		length = utf8_length(s);
		if (!length)
			printf("\\ufffd");
		else if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if (control(s))
			printf("\\u%04x", control(s));
		else
			fwrite(s, 1, length, stdout);
	}
	putchar('"');
}

/* A control character, or no character at all? */
static bool unfit(const unsigned char *s)
{
	return control(s) || !utf8_length(s);
}

/* A device may be called anything: keep control characters off a terminal. */
static void text_string(const char *value)
{
	const unsigned char *s = (const unsigned char *)value;
	unsigned int length;

	for (; *s; s += length) {
		length = unfit(s) ? 1 : utf8_length(s);
		if (unfit(s))
			printf("\\x%02x", *s);
		else
			fwrite(s, 1, length, stdout);
	}
}

static void json_key(const char *key)
{
	if (state.comma)
		putchar(',');
	if (state.depth)
		indent();
	state.comma = true;
	if (!key)
		return;
	json_string(key);
	putchar(':');
	if (state.pretty)
		putchar(' ');
}

static void json_open(const char *key, char bracket)
{
	if (!state.json)
		return;
	json_key(key);
	putchar(bracket);
	state.depth++;
	state.comma = false;
}

static void json_close(char bracket)
{
	if (!state.json)
		return;
	state.depth--;
	if (state.comma)
		indent();
	putchar(bracket);
	state.comma = state.depth;
	if (!state.depth)
		putchar('\n');
}

/**
 * print_open_object - begin a JSON object; nothing in text
 * @key: its key, NULL inside an array and for the outermost one
 */
void print_open_object(const char *key)
{
	json_open(key, '{');
}

/** print_close_object - end what print_open_object() began */
void print_close_object(void)
{
	json_close('}');
}

/**
 * print_open_array - begin a JSON array; nothing in text
 * @key: its key, NULL inside an array and for the outermost one
 */
void print_open_array(const char *key)
{
	json_open(key, '[');
}

/** print_close_array - end what print_open_array() began */
void print_close_array(void)
{
	json_close(']');
}

/* True when the caller has to print the value itself. */
static bool begin_value(const char *key, const char *label)
{
	if (state.json)
		json_key(key);
	else if (label)
		fputs(label, stdout);
	else
		return false;
	return true;
}

/**
 * print_str - print a string
 * @key: JSON key, NULL inside an array
 * @label: text that goes before the value; NULL: JSON only
 * @value: the string; NULL is null in JSON and nothing at all in text
 */
void print_str(const char *key, const char *label, const char *value)
{
	if (!begin_value(key, value ? label : NULL))
		return;
	if (!state.json)
		text_string(value);
	else if (value)
		json_string(value);
	else
		fputs("null", stdout);
}

/**
 * print_u64 - print a number
 * @key: JSON key, NULL inside an array
 * @label: text that goes before the value; NULL: JSON only
 * @value: the number
 */
void print_u64(const char *key, const char *label, uint64_t value)
{
	if (begin_value(key, label))
		printf("%" PRIu64, value);
}

/**
 * print_bool - print a truth: true or false in JSON, a word or nothing in text
 * @key: JSON key
 * @label: text printed when @value is true; NULL: JSON only
 * @value: the truth
 */
void print_bool(const char *key, const char *label, bool value)
{
	if (state.json) {
		json_key(key);
		fputs(value ? "true" : "false", stdout);
	} else if (value && label) {
		fputs(label, stdout);
	}
}

/**
 * print_ip - print an address
 * @key: JSON key, NULL inside an array
 * @label: text that goes before the value; NULL: JSON only
 * @family: AF_INET or AF_INET6
 * @address: the address
 */
void print_ip(const char *key, const char *label, int family,
	      const void *address)
{
	char text[INET6_ADDRSTRLEN];

	print_str(key, label, inet_ntop(family, address, text, sizeof(text)));
}

/**
 * print_width - how wide a string is in text
 * @value: the string, in UTF-8
 *
 * Return: columns.
 */
unsigned int print_width(const char *value)
{
	const unsigned char *s = (const unsigned char *)value;
	unsigned int length, width = 0;

	for (; *s; s += length) {
		length = unfit(s) ? 1 : utf8_length(s);
		width += unfit(s) ? strlen("\\x00") : 1;
	}
	return width;
}

/**
 * print_column - print a string that only text has, and blanks behind it
 * @value: the string
 * @width: columns it fills
 */
void print_column(const char *value, unsigned int width)
{
	unsigned int used = print_width(value);

	if (state.json)
		return;
	text_string(value);
	printf("%*s", used < width ? (int)(width - used) : 0, "");
}

/**
 * print_flush - have all that was printed go out now
 *
 * Return: 0, or -1 with errno set.
 */
int print_flush(void)
{
	return fflush(stdout);
}

/**
 * print_text - print what only text has
 * @fmt: as printf()
 */
void print_text(const char *fmt, ...)
{
	va_list ap;

	if (state.json)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

/**
 * print_error - say on standard error what went wrong
 * @fmt: as printf(), without a newline
 *
 * Return: EXIT_FAILURE, for the caller to hand on.
 */
int print_error(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("flow41: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}
