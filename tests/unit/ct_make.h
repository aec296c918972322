/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_make.h - packets of connections for tests of connection tracking, and what
 * they are to a table. Ends are numbers: 0 began.
 */
#ifndef OVSXDP_TESTS_CT_MAKE_H
#define OVSXDP_TESTS_CT_MAKE_H

#include <arpa/inet.h>
#include <netinet/in.h>

#include "bpf/ct_host.h"

#define CT_HZ	1000
#define CT_ZONE 7

#define FIN OX_TH_FIN
#define SYN OX_TH_SYN
#define RST OX_TH_RST
#define PSH OX_TH_PSH
#define ACK OX_TH_ACK
#define URG OX_TH_URG

struct ct_frame {
	uint8_t b[512];
	uint32_t len;
	uint8_t v6;
	uint8_t proto;
	uint16_t port[2];
	uint8_t swap; /* end 0 has the larger address */
};

static inline void ct_put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void ct_put32(uint8_t *p, uint32_t v)
{
	ct_put16(p, v >> 16);
	ct_put16(p + 2, v);
}

/* Ethernet and IP of a packet from an end; where its payload goes. */
static inline uint8_t *ct_put_ip(struct ct_frame *f, int from, uint32_t len)
{
	int low = from == f->swap;
	uint8_t *ip = f->b + 14;

	memset(f->b, 0, sizeof(f->b));
	f->b[5] = 1;
	f->b[11] = 2;
	ct_put16(f->b + 12, f->v6 ? 0x86dd : 0x0800);
	if (f->v6) {
		ip[0] = 0x60;
		ct_put16(ip + 4, len);
		ip[6] = f->proto;
		ip[7] = 64;
		ip[8] = 0xfd;
		ip[23] = low ? 1 : 2;
		ip[24] = 0xfd;
		ip[39] = low ? 2 : 1;
		f->len = 14 + 40 + len;
		return ip + 40;
	}
	ip[0] = 0x45;
	ct_put16(ip + 2, 20 + len);
	ip[8] = 64;
	ip[9] = f->proto;
	ct_put32(ip + 12, low ? 0x0a000001 : 0x14000001);
	ct_put32(ip + 16, low ? 0x14000001 : 0x0a000001);
	f->len = 14 + 20 + len;
	return ip + 20;
}

static inline uint8_t *ct_put_ports(struct ct_frame *f, int from, uint32_t len)
{
	uint8_t *l4 = ct_put_ip(f, from, len);

	ct_put16(l4, f->port[from]);
	ct_put16(l4 + 2, f->port[!from]);
	return l4;
}

static inline void ct_parse_frame(const struct ct_frame *f, struct ox_ct_pkt *p)
{
	struct ox_host_pkt pkt = { .data = (uint8_t *)(uintptr_t)f->b,
				   .len = f->len };

	ox_ct_host_parse(&pkt, CT_ZONE, p);
}

/* Tracks it, and commits what is new. What it was: OVS's ct_state letters, as
 * "new", "est", "est|rpl", "inv"; "!" if it couldn't be committed. */
static inline const char *ct_run_frame(struct ox_ct_host_mem *m,
				       const struct ct_frame *f)
{
	static const char *const names[2][4] = {
		{ "inv", "new", "est", "rel" },
		{ "inv", "new|rpl", "est|rpl", "rel|rpl" },
	};
	struct ox_ct_run r = { .now = m->now };
	const char *what;

	ct_parse_frame(f, &r.p);
	if (ox_ct_host_in(m, &r))
		return "drop";
	what = names[r.dir & 1][r.info & 3];
	if (r.made && r.info != OX_CT_I_NONE && ox_ct_host_commit(m, &r))
		what = "!";
	ox_ct_host_over(m, &r);
	return what;
}

static inline struct ox_ct *ct_entry(struct ox_ct_host_mem *m,
				     const struct ct_frame *f)
{
	struct ox_ct_pkt p;

	ct_parse_frame(f, &p);
	return ox_ct_host_find(m, &p);
}

/* Seconds until an entry's time comes, rounded up. */
static inline uint32_t ct_left(const struct ox_ct_host_mem *m,
			       const struct ox_ct *e)
{
	return (e->expires - m->now + CT_HZ - 1) / CT_HZ;
}

#endif /* OVSXDP_TESTS_CT_MAKE_H */
