/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of traffic share: options, the pattern, the socket. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIST_MAX	1024

/* Values to be taken in turn; given as VALUE[xTIMES],... */
struct list {
	unsigned int n;
	int value[LIST_MAX];
};

enum ending {
	END_NONE,
	END_FIN,		/* the client closes */
	END_RST,
	END_SERVER_FIN,
	END_SERVER_RST,
};

struct options {
	struct sockaddr_in6 addr;
	unsigned int conns;	/* -c */
	unsigned int rounds;	/* -n */
	unsigned int bursts;	/* -b */
	uint64_t up;		/* -u */
	uint64_t down;		/* -d */
	uint64_t first;		/* -F */
	unsigned int ending;	/* -x; enum ending */
	const char *gate;	/* -g */
	const char *until;	/* -l */
	unsigned int patience;	/* -w */
	unsigned int interval;	/* -i */
	unsigned int batch;	/* -G */
	unsigned int mark;	/* -M */
	unsigned int port;	/* -p */
	unsigned int cpu;	/* -C */
	bool echo;		/* -e */
	bool lossy;		/* -k */
	struct list sizes;	/* -s */
	struct list classes;	/* -T */
	struct list hops;	/* -H */
	struct list labels;	/* -L */
};

extern struct options opt;

bool stopped(void);	/* by SIGTERM or SIGINT */
int pick(const struct list *list, unsigned int i, int otherwise);
void fill(void *buf, uint64_t seed, uint64_t off, size_t len);
bool matches(const void *buf, uint64_t seed, uint64_t off, size_t len);
void wait_at_gate(unsigned int number);
bool may_go_on(void);
uint64_t now_ms(void);
void set_option(int fd, int level, int name, int value);
void set_common_options(int fd);
void bind_port(int fd);

int tcp_serve(void);
int tcp_client(void);
int udp_serve(void);
int udp_client(void);
int flood(void);

#endif /* TRAFFIC_H */
