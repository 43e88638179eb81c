/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_FLOW_H
#define FLOW41_FLOW_H

struct nlmsghdr;

void flow_print_key(const struct nlmsghdr *nlh);
void flow_print_counters(const struct nlmsghdr *nlh, const char *label);

#endif /* FLOW41_FLOW_H */
