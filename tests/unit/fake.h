/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the kernel that the tests play share. */
#ifndef FLOW41_TESTS_FAKE_H
#define FLOW41_TESTS_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#define FAMILY		0x29

struct nlmsghdr;

/* fake_kernel.c */
unsigned long option(const char *name);
struct nlmsghdr *reply(const struct nlmsghdr *request);
void queue(const struct nlmsghdr *nlh);
void put_addresses(struct nlmsghdr *nlh, const char *src, const char *dst);

/* fake_watch.c */
void answer_handshakes(const struct nlmsghdr *request, bool interrupted);
void put_groups(const struct nlmsghdr *request, struct nlmsghdr *nlh);
int fake_join(uint32_t group);
int fake_fd(void);
bool fake_event(void);

#endif /* FLOW41_TESTS_FAKE_H */
