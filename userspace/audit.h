/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_AUDIT_H
#define FLOW41_AUDIT_H

struct nlmsghdr;

void audit_print(const struct nlmsghdr *nlh);

#endif /* FLOW41_AUDIT_H */
