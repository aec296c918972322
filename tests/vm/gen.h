/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gen.h - the generators of the differential tests: random numbers that a
 * seed and a case decide, attribute streams, packets, masks, actions. All of
 * it is written without the code under test.
 */
#ifndef OVSXDP_TESTS_VM_GEN_H
#define OVSXDP_TESTS_VM_GEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <linux/netlink.h>

#define GEN_PORTS     4	   /* vports 1..4 of each datapath */
#define GEN_FRAME_MAX 1720 /* bytes of a packet, all headers included */
#define GEN_NLB_MAX   8192 /* bytes of an attribute stream */
#define GEN_RECIRC    8	   /* recirculation ids a case has */

/* ---- random numbers (splitmix64) ---- */

struct rnd {
	uint64_t s;
};

static inline uint64_t rnd64(struct rnd *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static inline uint32_t rnd_below(struct rnd *r, uint32_t n)
{
	return (uint32_t)((rnd64(r) >> 32) % n);
}

/* True in p of 100 cases. */
static inline bool rnd_pct(struct rnd *r, uint32_t p)
{
	return rnd_below(r, 100) < p;
}

static inline struct rnd rnd_start(uint64_t seed, uint64_t a, uint64_t b)
{
	struct rnd r = { seed };

	r.s = rnd64(&r) ^ a;
	r.s = rnd64(&r) ^ b;
	return r;
}

void rnd_fill(struct rnd *r, void *p, size_t n);

/* One of a list of numbers. */
#define rnd_of(r, ...)                                           \
	({                                                       \
		static const uint32_t of_[] = { __VA_ARGS__ };   \
		of_[rnd_below(r, sizeof(of_) / sizeof(of_[0]))]; \
	})

/* ---- attribute streams ---- */

struct nlb {
	uint32_t len;
	bool over; /* something didn't fit */
	_Alignas(4) uint8_t b[GEN_NLB_MAX];
};

void nlb_put(struct nlb *n, uint16_t type, const void *p, uint32_t len);
void nlb_u8(struct nlb *n, uint16_t type, uint8_t v);
void nlb_u16(struct nlb *n, uint16_t type, uint16_t v);
void nlb_u32(struct nlb *n, uint16_t type, uint32_t v);
uint32_t nlb_nest(struct nlb *n, uint16_t type);
void nlb_end(struct nlb *n, uint32_t nest);
/* Bytes that may be no attribute at all. */
void nlb_raw(struct nlb *n, const void *p, uint32_t len);

#define nla_each(a, p, n)                                              \
	for (const struct nlattr *a = (const void *)(p);               \
	     (const uint8_t *)(a) + 4 <= (const uint8_t *)(p) + (n) && \
	     (a)->nla_len >= 4 &&                                      \
	     (const uint8_t *)(a) + (a)->nla_len <=                    \
		     (const uint8_t *)(p) + (n);                       \
	     a = (const void *)((const uint8_t *)(a) +                 \
				NLA_ALIGN((a)->nla_len)))
#define nla_kind(a) ((a)->nla_type & NLA_TYPE_MASK)
#define nla_body(a) ((const uint8_t *)(a) + NLA_HDRLEN)
#define nla_size(a) ((uint32_t)((a)->nla_len - NLA_HDRLEN))

const struct nlattr *nla_find(const void *p, uint32_t n, uint16_t type);

/* ---- packets ---- */

struct gen_packet {
	uint32_t in_port; /* or GEN_UNDER */
	uint32_t len;
	uint32_t inner; /* where it begins, behind the outer headers; or 0 */
	uint8_t b[GEN_FRAME_MAX];
};

/*
 * Every frame carries its case in both MACs (bytes 2 to 5), so that the flows
 * of many cases can be in the table at once without meeting.
 */
#define GEN_TAG 2
void gen_packet(struct gen_packet *p, struct rnd *r, uint32_t tag);
/* A packet that differs from base in a few bits, its length, or its port. */
void gen_near(struct gen_packet *p, const struct gen_packet *base,
	      struct rnd *r);

/* ---- tunnels ---- */

/* In the order of their vports, which follow GEN_PORTS. */
enum gen_tun {
	GEN_VXLAN,
	GEN_GENEVE,
	GEN_GRE,
	GEN_IP6GRE,
	GEN_ERSPAN,
	GEN_IP6ERSPAN,
	GEN_TUNS,
};
#define GEN_TUN_PORT(kind) (GEN_PORTS + 1 + (uint32_t)(kind))
#define GEN_VPORTS	   (GEN_PORTS + GEN_TUNS)

/* How many of these tunnels the datapaths have ports of. */
extern uint32_t gen_tunnels;
/*
 * Ours are devices of the kernel, too. A program can't tell such a device all
 * that the module can (docs/fidelity.md): what it can't is left out.
 */
extern bool gen_by_device;

/* In place of a port: the wire below the tunnels, which is no port. Its end in
 * the host has 172.16.0.1/16 and fd16::1/64. */
#define GEN_UNDER 0
#define GEN_UNDER_MAC               \
	{                           \
		2, 0x16, 0, 0, 0, 1 \
	}
#define GEN_FAR_MAC                 \
	{                           \
		2, 0x16, 0, 0, 0, 2 \
	}

/* Puts outer headers in front of a packet, of any tunnel. Those of a case get
 * the same most of the time: "same" is where its numbers begin. */
void gen_wrap(struct gen_packet *p, const struct rnd *same, struct rnd *r);
/* An OVS_KEY_ATTR_TUNNEL for a tunnel's port, with what its device takes. */
void gen_tunnel_to(struct nlb *n, enum gen_tun kind, struct rnd *r);

/* ---- flows ---- */

/* What the actions must know of a packet to fit it, from its masked key. */
struct gen_shape {
	bool eth;      /* has a MAC header */
	bool vlan;     /* the innermost known tag state */
	uint16_t type; /* Ethertype in host order, 0 unknown */
	uint8_t proto; /* IP protocol, 0 unknown */
	uint8_t frag;
	int labels; /* of MPLS */
};

/*
 * A mask for a key (both nested contents, without the outer attribute).
 * Returns what is certain of the packets that fit. Some masks are wrong on
 * purpose.
 */
struct gen_shape gen_mask(struct nlb *mask, const struct nlattr *key,
			  struct rnd *r);
/* Nothing is masked. */
struct gen_shape gen_shape_of(const struct nlattr *key);
/*
 * True if no packet can fit both flows (attributes of OVS_FLOW_CMD_NEW), for
 * sure: some bit is in both masks and differs.
 */
bool gen_disjoint(const struct nlb *a, const struct nlb *b);

/*
 * A list of actions for such packets; recirculation goes to ids behind
 * recirc (of the case's GEN_RECIRC), upcalls to the port id pid.
 */
void gen_actions(struct nlb *out, struct gen_shape shape, uint32_t recirc,
		 uint32_t pid, struct rnd *r);

/* A whole key, nested in an attribute of that type; some with a tunnel. */
void gen_key(struct nlb *n, uint16_t type, bool tunnels, struct rnd *r);
/* An OVS_KEY_ATTR_TUNNEL with up to so many bytes of options. */
void gen_tunnel(struct nlb *n, uint32_t max_opts, struct rnd *r);
#define GEN_KEY_OPTS 12 /* of keys: their masks have words for so many */
#define GEN_SET_OPTS 252

/* ---- requests ---- */

/* Attribute types that gen_break() never makes of others; ends with 0. */
struct gen_left_out {
	uint32_t type;
};
/* Breaks one thing: an attribute missing, twice, short, long, unknown, ... */
void gen_break(struct nlb *n, const struct gen_left_out *l, struct rnd *r);

/* Tallies of what was generated: shown at the end, so that a generator that
 * has lost a kind is noticed. */
extern uint64_t gen_action_count[64];

#endif /* OVSXDP_TESTS_VM_GEN_H */
