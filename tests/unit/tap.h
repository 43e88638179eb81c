/* SPDX-License-Identifier: GPL-2.0 */
/* TAP, and a way to see what the code under test prints. */
#ifndef FLOW41_TESTS_TAP_H
#define FLOW41_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *tap;
static unsigned int tap_count;
static unsigned int tap_failed;

static inline void tap_begin(void)
{
	tap = stdout;
	setvbuf(tap, NULL, _IOLBF, 0);
	fputs("TAP version 13\n", tap);
}

__attribute__((format(printf, 2, 3)))
static inline bool ok(bool good, const char *fmt, ...)
{
	va_list ap;

	fprintf(tap, "%sok %u - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vfprintf(tap, fmt, ap);
	va_end(ap);
	fputc('\n', tap);
	tap_failed += !good;
	return good;
}

static inline void tap_diag(const char *what, const char *text)
{
	fprintf(tap, "# %s: ", what);
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", tap);
		else
			fputc(*text, tap);
	fputc('\n', tap);
}

static inline void is_str(const char *got, const char *want, const char *name)
{
	if (ok(!strcmp(got, want), "%s", name))
		return;
	tap_diag("got ", got);
	tap_diag("want", want);
}

static inline int tap_end(void)
{
	fprintf(tap, "1..%u\n", tap_count);
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What went to a stream between capture_begin() and capture_end(). */
struct capture {
	FILE **stream;
	FILE *saved;
	char *text;
	size_t length;
};

static inline void capture_begin(struct capture *capture, FILE **stream)
{
	memset(capture, 0, sizeof(*capture));
	capture->stream = stream;
	capture->saved = *stream;
	*stream = open_memstream(&capture->text, &capture->length);
	if (!*stream)
		abort();
}

/* Return: the text, the caller's to free. */
static inline char *capture_end(struct capture *capture)
{
	fclose(*capture->stream);
	*capture->stream = capture->saved;
	return capture->text;
}

#endif /* FLOW41_TESTS_TAP_H */
