/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc_tun.h - the kernel's tunnel devices in the mode that collects metadata, as
 * the skb tier sees them: what an skb that comes by one has of its tunnel, and
 * what one that leaves by it must have.
 *
 * All skbs that programs on a CPU give a key share one metadata_dst. So a key
 * is set right before its packet is sent, at each output anew, however many
 * outputs follow one set(tunnel()).
 */
#ifndef OVSXDP_BPF_TC_TUN_H
#define OVSXDP_BPF_TC_TUN_H

#include <linux/errno.h>

#include "bpf/tier/ctx_tc.h"
#include "bpf/core/tunnel.h"
#include "bpf/tier/tier_bpf.h"

#ifndef BPF_F_TUNINFO_FLAGS
#define BPF_F_TUNINFO_FLAGS (1ULL << 4) /* Linux 6.1 */
#endif
#define TUN_F_NO_KEY (1ULL << 5) /* BPF_F_NO_TUNNEL_KEY, Linux 6.2 */

static __always_inline const struct ox_op *tier_tun_op(struct ox_tun_walk *w)
{
	return tun_slot_op(w);
}

/* ---- in ---- */

/* The place in "tunin" of the packet that comes in. */
static __always_inline __u32 tun_place(void)
{
	struct ox_cpu *me = cpu_me();

	return me && me->first.p.state == OX_PKT_BUSY ? me->nest + 1 : 0;
}

/* The options that an skb has. What is after them is zero. */
static __always_inline __u32 tun_opts_get(ox_ctx *c, struct ox_tun_in *in,
					  __be16 flags)
{
	int n = 0;

	if (flags & OX_TUN_F_OPTS)
		n = bpf_skb_get_tunnel_opt(c, in->tun.opts,
					   sizeof(in->tun.opts));
	else if (in->dirty)
		/* it fails, and leaves zeroes: there are none */
		bpf_skb_get_tunnel_opt(c, in->tun.opts, sizeof(in->tun.opts));
	in->dirty = n > 0;
	return n > 0 ? n : 0;
}

static __always_inline void
tun_addrs_get(struct ox_tun *t, const struct bpf_tunnel_key *k, int v6)
{
	if (v6) {
		t->x[1] = k->remote_ipv6[0] | (__u64)k->remote_ipv6[1] << 32;
		t->x[2] = k->remote_ipv6[2] | (__u64)k->remote_ipv6[3] << 32;
		t->x[3] = k->local_ipv6[0] | (__u64)k->local_ipv6[1] << 32;
		t->x[4] = k->local_ipv6[2] | (__u64)k->local_ipv6[3] << 32;
		t->x[5] = (__u64)ox_be32(k->tunnel_label) << 32;
		return;
	}
	t->x[1] = ox_be32(k->remote_ipv4) | (__u64)ox_be32(k->local_ipv4) << 32;
	t->x[2] = 0;
	t->x[3] = 0;
	t->x[4] = 0;
	t->x[5] = 0;
}

/*
 * Word 23 of the key and what goes on in "tunin", of a packet from a tunnel's
 * port. Without a tunnel key it is one without a tunnel, as in the module. The
 * UDP ports aren't known: they are zero.
 */
__noinline int ox_tun_rx(ox_ctx *c, struct ox_pkt *p)
{
	__u32 at = tun_place(), len, v6 = 0;
	struct ox_tun_in *in = bpf_map_lookup_elem(&tunin, &at);
	struct bpf_tunnel_key k;
	long rc;

	if (!p || !in)
		return 0;
	rc = bpf_skb_get_tunnel_key(c, &k, sizeof(k), BPF_F_TUNINFO_FLAGS);
	if (rc == -EPROTO) {
		v6 = 1;
		rc = bpf_skb_get_tunnel_key(c, &k, sizeof(k),
					    BPF_F_TUNINFO_FLAGS |
						    BPF_F_TUNINFO_IPV6);
	}
	if (rc)
		return 0;
	len = tun_opts_get(c, in, k.tunnel_flags);
	in->tun.tun_id = __builtin_bswap64(k.tunnel_id);
	tun_addrs_get(&in->tun, &k, v6);
	p->key.w[OX_W_TUN] = (v6 ? OX_AF_INET6 : OX_AF_INET) | len << 8 |
			     (__u32)k.tunnel_flags << 16 |
			     (__u64)k.tunnel_tos << 32 |
			     (__u64)k.tunnel_ttl << 40 | (__u64)at << 48;
	p->key.has_tun = 1;
	p->state = OX_PKT_USED;
	return 0;
}

/* ---- out ---- */

static __always_inline __u64 tun_helper_flags(const struct ox_tun_key *k)
{
	__u64 f = 0;

	if (k->proto == OX_AF_INET6)
		f |= BPF_F_TUNINFO_IPV6;
	if (!(k->flags & OX_TUN_F_CSUM))
		f |= BPF_F_ZERO_CSUM_TX;
	if (k->flags & OX_TUN_F_DF)
		f |= BPF_F_DONT_FRAGMENT;
	if (k->flags & OX_TUN_F_SEQ)
		f |= BPF_F_SEQ_NUMBER;
	if (!(k->flags & OX_TUN_F_KEY))
		f |= TUN_F_NO_KEY;
	return f;
}

/* By words of 32 bits: on the stack they lie between those of 64. */
static __always_inline void tun_addr6_put(__u32 *to, const __be32 *addr)
{
	to[0] = addr[0];
	to[1] = addr[1];
	to[2] = addr[2];
	to[3] = addr[3];
}

static __always_inline void tun_addrs_put(struct bpf_tunnel_key *to,
					  const struct ox_tun_key *k)
{
	const struct ox_tun *t = &k->tun;

	if (k->proto == OX_AF_INET6) {
		tun_addr6_put(to->remote_ipv6, t->ipv6.dst);
		tun_addr6_put(to->local_ipv6, t->ipv6.src);
		to->tunnel_label = ox_be32(t->label);
		return;
	}
	to->remote_ipv4 = ox_be32(t->ipv4.dst);
	to->local_ipv4 = ox_be32(t->ipv4.src);
}

/* Has a header of this kind a place for "no key"? Then it makes a difference
 * that old kernels can't say so. */
static __always_inline int tun_is_gre(__u32 kind)
{
	return kind == OX_VPORT_GRE || kind == OX_VPORT_IP6GRE;
}

/* Are these options those of a device of this kind? Another device of the
 * module doesn't look at them. */
static __always_inline int tun_opts_fit(__u32 kind, __be16 flags)
{
	switch (kind) {
	case OX_VPORT_GENEVE:
		return flags & OX_TUN_F_GENEVE;
	case OX_VPORT_VXLAN:
		return flags & OX_TUN_F_VXLAN;
	case OX_VPORT_ERSPAN:
	case OX_VPORT_IP6ERSPAN:
		return flags & OX_TUN_F_ERSPAN;
	}
	return 0;
}

static __always_inline int tun_opts_set(ox_ctx *c, struct ox_tun_key *k,
					__u32 kind)
{
	__u32 len = k->opts_len;

	if (!len || !tun_opts_fit(kind, k->flags))
		return 0;
	/* shows the verifier that 0 < len <= OX_TUN_OPTS_MAX */
	len--;
	barrier_var(len);
	if (len >= OX_TUN_OPTS_MAX)
		return -1;
	len++;
	return bpf_skb_set_tunnel_opt(c, k->tun.opts, len);
}

/* Gives the skb this key, for a device of this kind. Not 0: the kernel doesn't
 * take it. */
static __always_inline int tun_set(ox_ctx *c, struct ox_tun_key *k, __u32 kind)
{
	__u64 flags = tun_helper_flags(k);
	/* the verifier wants what the compiler zeroes by 64 bits to be aligned
	 * so */
	struct bpf_tunnel_key to __attribute__((aligned(8))) = {
		.tunnel_id = __builtin_bswap64(k->tun.tun_id),
		.tunnel_tos = k->tos,
		.tunnel_ttl = k->ttl,
	};
	long rc;

	tun_addrs_put(&to, k);
	rc = bpf_skb_set_tunnel_key(c, &to, sizeof(to), flags);
	if (rc == -EINVAL && (flags & TUN_F_NO_KEY) && !tun_is_gre(kind))
		rc = bpf_skb_set_tunnel_key(c, &to, sizeof(to),
					    flags & ~TUN_F_NO_KEY);
	return rc ? -1 : tun_opts_set(c, k, kind);
}

static __always_inline __u32 tun_port_kind(__u32 port_no)
{
	const struct ox_port *out = tbl_port(port_no);

	return out ? READ_ONCE(out->tun_kind) : 0;
}

/*
 * The packet is about to leave by a tunnel's port: it gets the key in force.
 * OX_R_NONE, or why it can't leave.
 */
__noinline int ox_tun_set(ox_ctx *c, struct ox_run *r, __u32 port_no)
{
	__u32 zero = 0, slot, at;
	struct ox_tun_key *k = bpf_map_lookup_elem(&tunout, &zero);
	const struct ox_acts *a;

	if (!r || !k || r->tun_out == OX_NONE)
		return OX_R_NO_TUNNEL;
	slot = OX_TUN_REF_SLOT(r->tun_out);
	at = OX_TUN_REF_AT(r->tun_out);
	a = acts_live(slot);
	if (!a || a->flags >> OX_ACTS_GEN_SHIFT != r->tun_gen ||
	    tun_key_read(slot, at, k))
		return OX_R_BAD_FLOW;
	return tun_set(c, k, tun_port_kind(port_no)) ? OX_R_TUNNEL : OX_R_NONE;
}

/* The same, and it is counted. Not 0: it can't leave. */
static __always_inline int tun_begin(ox_ctx *c, struct ox_run *r, __u32 port_no)
{
	int why = ox_tun_set(c, r, port_no);

	if (why == OX_R_NONE)
		return 0;
	count_tx_dropped(port_no);
	count_drop(c, &r->p, why);
	return -1;
}

/* ---- frames of the user tier ---- */

/*
 * What the user tier wants of a frame on the clone device's egress; NULL: it
 * is none of its frames for tunnels. Those come from no device, and each has a
 * mark that waits here for it alone. It is random, so that a frame with a mark
 * of its own choice can't be taken for one.
 */
static __always_inline struct ox_inject *inject_take(ox_ctx *c)
{
	__u32 mark = ctx_get(c, mark), place = OX_INJECT_PLACE(mark);
	struct ox_inject *in;

	if (!mark || ctx_get(c, ingress_ifindex))
		return NULL;
	in = bpf_map_lookup_elem(&inject, &place);
	if (!in || in->token != mark)
		return NULL;
	in->token = 0;
	return in;
}

/* The frame goes on into its tunnel. Returns what tc shall do. */
__noinline int ox_tun_inject(ox_ctx *c, struct ox_inject *in)
{
	const __u32 *ifindex;
	__u32 port_no;

	if (!in)
		return 2; /* TC_ACT_SHOT */
	port_no = in->port_no;
	in->failed = OX_R_NO_PORT;
	ifindex = bpf_map_lookup_elem(&skb_tx, &port_no);
	if (!ifindex)
		return 2;
	ctx_set(c, mark, in->mark);
	ctx_set(c, priority, in->priority);
	in->failed = OX_R_TUNNEL;
	if (tun_set(c, &in->key, tun_port_kind(port_no)))
		return 2;
	in->failed = OX_R_NONE;
	return bpf_redirect(*ifindex, 0);
}

#endif /* OVSXDP_BPF_TC_TUN_H */
