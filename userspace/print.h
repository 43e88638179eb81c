/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_PRINT_H
#define FLOW41_PRINT_H

#include <stdbool.h>
#include <stdint.h>

void print_init(bool json, bool pretty);

void print_open_object(const char *key);
void print_close_object(void);
void print_open_array(const char *key);
void print_close_array(void);

void print_str(const char *key, const char *label, const char *value);
void print_u64(const char *key, const char *label, uint64_t value);
void print_bool(const char *key, const char *label, bool value);
void print_ip(const char *key, const char *label, int family,
	      const void *address);

unsigned int print_width(const char *value);
void print_column(const char *value, unsigned int width);
int print_flush(void);

__attribute__((format(printf, 1, 2)))
void print_text(const char *fmt, ...);

__attribute__((format(printf, 1, 2)))
int print_error(const char *fmt, ...);

#endif /* FLOW41_PRINT_H */
