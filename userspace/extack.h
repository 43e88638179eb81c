/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_EXTACK_H
#define FLOW41_EXTACK_H

struct nlmsghdr;

int extack_report(const struct nlmsghdr *ack, const struct nlmsghdr *request);

#endif /* FLOW41_EXTACK_H */
