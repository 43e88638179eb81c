/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_HANDSHAKE_H
#define FLOW41_HANDSHAKE_H

#include <stdbool.h>

struct nlmsghdr;

bool handshake_stalled(const struct nlmsghdr *nlh);
void handshake_print(const struct nlmsghdr *nlh, bool ladder);

#endif /* FLOW41_HANDSHAKE_H */
