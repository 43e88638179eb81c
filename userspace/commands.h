/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_COMMANDS_H
#define FLOW41_COMMANDS_H

#include <stdbool.h>

struct args;

/* -s: say more */
extern bool show_statistics;

/* The commands. Each returns an exit status. */
int cmd_status(struct args *args);
int cmd_enable(struct args *args);
int cmd_disable(struct args *args);
int cmd_set(struct args *args);
int cmd_flows(struct args *args);
int cmd_flush(struct args *args);
int cmd_stats(struct args *args);
int cmd_handshakes(struct args *args);
int cmd_monitor(struct args *args);

int netns_enter(const char *name);

#endif /* FLOW41_COMMANDS_H */
