/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * side.h - one of the two datapaths that a differential test compares: its
 * netlink sockets, the far ends of its ports, and what came out of it.
 */
#ifndef OVSXDP_TESTS_VM_SIDE_H
#define OVSXDP_TESTS_VM_SIDE_H

#include "gen.h"

enum side_family {
	SIDE_DP,
	SIDE_VPORT,
	SIDE_FLOW,
	SIDE_PACKET,
	SIDE_METER,
	SIDE_FAMILIES,
};

/* The port ids of the sockets are the same on both sides (each has a network
 * namespace of its own), so that requests are the same bytes. */
#define SIDE_UPCALL_PID 0x20001u

struct side {
	const char *name;
	uint32_t portid;	 /* whom requests go to: 0 is the kernel */
	int nl;			 /* requests */
	int up;			 /* upcalls */
	int note;		 /* notifications */
	int wire[GEN_PORTS + 1]; /* 0: below the tunnels, or none */
	uint16_t family[SIDE_FAMILIES];
	uint32_t group[SIDE_FAMILIES]; /* its first multicast group, or 0 */
	uint32_t dp_ifindex;
	uint32_t seq;
	uint32_t mark; /* of the last marker sent */
	/* frames out with nothing behind their tag: not looked at */
	uint64_t bare[GEN_PORTS + 1];
};

/*
 * netns: where the datapath lives; wires: prefix of the far ends ("m": m1 to
 * m4), which are in the namespace of the caller. Ends the program on errors:
 * without its sides there is no test.
 */
void side_open(struct side *s, const char *name, const char *netns,
	       const char *wires, uint32_t portid);

/* Joins all its families' groups with a socket of its own: s->note. */
void side_subscribe(struct side *s, const char *netns);

/* ---- requests ---- */

struct side_req {
	enum side_family family;
	uint8_t cmd;
	uint16_t flags; /* NLM_F_REQUEST and NLM_F_ACK are added */
	uint32_t ifindex;
	const struct nlb *attrs;
	int err; /* answer: 0 or -errno */
};

typedef void side_reply(void *ctx, const struct nlmsghdr *h);

/* Many requests, few datagrams. Replies that aren't ACKs go to reply(). */
void side_ask(struct side *s, struct side_req *v, uint32_t n, side_reply *reply,
	      void *ctx);
/* One request that must succeed. */
void side_must(struct side *s, enum side_family f, uint8_t cmd, uint16_t flags,
	       const struct nlb *attrs, side_reply *reply, void *ctx);

/* Attributes of a reply behind the OVS header. */
static inline const void *side_attrs(const struct nlmsghdr *h, uint32_t *len)
{
	*len = h->nlmsg_len - 24;
	return (const uint8_t *)h + 24;
}

/* ---- what a side did: sortable, comparable pieces ---- */

struct item {
	uint32_t len;
	const uint8_t *b; /* b[0] is the kind, an ITEM_ letter */
};
#define ITEM_FRAME   'F' /* port, frame with its tag in line */
#define ITEM_UPCALL  'U' /* cmd, attributes in normal form */
#define ITEM_FLOW    'L' /* attributes in normal form */
#define ITEM_COUNTER 'C' /* text */
#define ITEM_ANSWER  'A' /* text */
#define ITEM_REPLY   'R' /* cmd, flags and more, attributes in normal form */
#define ITEM_NOTIFY  'N' /* the same */

struct items {
	struct item *v;
	uint32_t n, cap;
	uint8_t *mem;
	size_t used, size;
};

void items_clear(struct items *it);
/* Room for n bytes of one item; items_end() with the bytes really used. */
uint8_t *items_start(struct items *it, uint32_t n);
void items_end(struct items *it, uint32_t n);
void items_text(struct items *it, char kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void items_sort(struct items *it);

/* ---- packets ---- */

/* Sends a frame into a port by its wire. */
void side_inject(struct side *s, const struct gen_packet *p);
/*
 * Takes what came out: frames and upcalls. First a marker goes through every
 * port. Then as many items as the caller expects are waited for (0: it can't
 * know), and a moment more for those that nobody expects.
 */
void side_collect(struct side *s, struct items *out, uint32_t expect);
/* Nothing came for so long: nothing will. */
extern int side_patience_ms;
/* The flows that the markers need. */
void side_marker_flows(struct side *s);
#define SIDE_MARKER_TYPE 0x88b6

#endif /* OVSXDP_TESTS_VM_SIDE_H */
