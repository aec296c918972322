// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_text.c - compiled ops in words, those of the actions that they were
 * made of where there are some.
 */
#include "control/packet/trace_int.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/openvswitch.h>
#include <string.h>

#include "ovsxdp/uapi.h"

void ox_trace_port_print(FILE *f, const struct ox_datapath *dp, uint32_t no)
{
	fprintf(f, "%" PRIu32, no);
	if (ox_vport_exists(dp, no))
		fprintf(f, " (%.*s)", OX_NAME_LEN, dp->mem->uports[no].name);
}

/* ---- values ---- */

static void print_mac(FILE *f, const void *v)
{
	const uint8_t *p = v;

	fprintf(f, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3],
		p[4], p[5]);
}

static void print_ipv4(FILE *f, const void *v)
{
	const uint8_t *p = v;

	fprintf(f, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
}

static void print_half(FILE *f, const void *v)
{
	const uint8_t *p = v;

	fprintf(f, "%02x%02x:%02x%02x:%02x%02x:%02x%02x", p[0], p[1], p[2],
		p[3], p[4], p[5], p[6], p[7]);
}

static void print_u8(FILE *f, const void *v)
{
	fprintf(f, "%u", *(const uint8_t *)v);
}

static void print_be16(FILE *f, const void *v)
{
	__be16 n;

	memcpy(&n, v, sizeof(n));
	fprintf(f, "%u", ntohs(n));
}

static void print_be32(FILE *f, const void *v)
{
	__be32 n;

	memcpy(&n, v, sizeof(n));
	fprintf(f, "0x%" PRIx32, ntohl(n));
}

static void print_u32(FILE *f, const void *v)
{
	uint32_t n;

	memcpy(&n, v, sizeof(n));
	fprintf(f, "0x%" PRIx32, n);
}

/* set(LAYER(FIELD=VALUE)), or VALUE/MASK where not all of it is set. */
struct set_words {
	const char *layer;
	const char *field;
	uint8_t size; /* bytes of the field in val and mask */
	void (*print)(FILE *f, const void *v);
};

static const struct set_words set_words[OX_OP_MAX] = {
	[OX_OP_SET_ETH_DST] = { "eth", "dst", 6, print_mac },
	[OX_OP_SET_ETH_SRC] = { "eth", "src", 6, print_mac },
	[OX_OP_SET_IPV4_SRC] = { "ipv4", "src", 4, print_ipv4 },
	[OX_OP_SET_IPV4_DST] = { "ipv4", "dst", 4, print_ipv4 },
	[OX_OP_SET_IPV4_TOS] = { "ipv4", "tos", 1, print_u8 },
	[OX_OP_SET_IPV4_TTL] = { "ipv4", "ttl", 1, print_u8 },
	[OX_OP_SET_IPV6_SRC] = { "ipv6", "src", 8, print_half },
	[OX_OP_SET_IPV6_DST] = { "ipv6", "dst", 8, print_half },
	[OX_OP_SET_IPV6_TCLASS] = { "ipv6", "tclass", 1, print_u8 },
	[OX_OP_SET_IPV6_LABEL] = { "ipv6", "label", 4, print_be32 },
	[OX_OP_SET_IPV6_HLIMIT] = { "ipv6", "hlimit", 1, print_u8 },
	[OX_OP_SET_TP_SRC] = { NULL, "src", 2, print_be16 },
	[OX_OP_SET_TP_DST] = { NULL, "dst", 2, print_be16 },
	[OX_OP_SET_PRIORITY] = { "skb_priority", "", 4, print_u32 },
	[OX_OP_SET_MARK] = { "skb_mark", "", 4, print_u32 },
	[OX_OP_SET_MPLS] = { "mpls", "lse", 4, print_be32 },
	[OX_OP_SET_NSH] = { "nsh", "", 8, print_half },
};

static const char *tp_layer(uint32_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	default:
		return "sctp";
	}
}

static void print_set(FILE *f, const struct ox_op *op,
		      const struct set_words *w)
{
	static const uint8_t all[8] = { 0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff };

	fprintf(f, "set(%s(%s", w->layer ? w->layer : tp_layer(op->arg),
		w->field);
	/* halves of an address; which words of an NSH header */
	if (w->print == print_half)
		fprintf(f, "[%" PRIu32 "..%" PRIu32 "]", op->arg * 8,
			op->arg * 8 + 7);
	if (*w->field || w->print == print_half)
		fputc('=', f);
	w->print(f, &op->val);
	if (memcmp(&op->mask, all, w->size)) {
		fputc('/', f);
		w->print(f, &op->mask);
	}
	fputs("))", f);
}

/* ---- ops with words of their own ---- */

static void print_ct(FILE *f, const struct ox_op *op)
{
	const struct ox_op_ct *ct = (const struct ox_op_ct *)op;

	fputs("ct(", f);
	if (ct->ct_flags & OX_CT_F_COMMIT)
		fputs(ct->ct_flags & OX_CT_F_FORCE ? "force_commit,"
						   : "commit,",
		      f);
	fprintf(f, "zone=%u", ct->zone);
	if (ct->mark_mask)
		fprintf(f, ",mark=0x%x/0x%x", ct->mark, ct->mark_mask);
	if (ct->ct_flags & OX_CT_F_NAT)
		fputs(",nat", f);
	fputc(')', f);
}

static void print_sample(FILE *f, const struct ox_op *op)
{
	fprintf(f, "sample(%.2f%%)",
		(double)(uint32_t)op->val * 100 / UINT32_MAX);
}

static void print_push_vlan(FILE *f, const struct ox_op *op)
{
	fprintf(f, "push_vlan(tpid=0x%04x,vid=%u,pcp=%u)", op->arg >> 16,
		op->arg & 0xfff, op->arg >> 13 & 7);
}

static void print_mpls(FILE *f, const struct ox_op *op, const char *name)
{
	fprintf(f, "%s(eth_type=0x%04x,lse=", name, op->arg & 0xffff);
	print_be32(f, &op->val);
	fputc(')', f);
}

static void print_push_eth(FILE *f, const struct ox_op *op)
{
	fputs("push_eth(src=", f);
	print_mac(f, &op->mask);
	fputs(",dst=", f);
	print_mac(f, &op->val);
	fputc(')', f);
}

/* The way through the list. */
static void print_way(FILE *f, const struct ox_datapath *dp,
		      const struct ox_op *op)
{
	switch (op->code) {
	case OX_OP_OUTPUT:
		fputs("output ", f);
		ox_trace_port_print(f, dp, op->arg);
		break;
	case OX_OP_SAMPLE:
		print_sample(f, op);
		break;
	case OX_OP_CHECK_LEN:
		fprintf(f, "check_pkt_len(%u)", (uint32_t)op->val);
		break;
	case OX_OP_RECIRC:
		fprintf(f, "recirc(0x%x)", op->arg);
		break;
	case OX_OP_TRUNC:
		fprintf(f, "trunc(%u)", op->arg);
		break;
	case OX_OP_METER:
		fprintf(f, "meter(%u)", op->arg);
		break;
	case OX_OP_DROP:
		fprintf(f, "drop(%u)", op->arg);
		break;
	case OX_OP_CT:
		print_ct(f, op);
		break;
	default:
		fprintf(f, "op %u", op->code);
	}
}

static const char *const plain[OX_OP_MAX] = {
	[OX_OP_USERSPACE] = "userspace",
	[OX_OP_POP_VLAN] = "pop_vlan",
	[OX_OP_POP_ETH] = "pop_eth",
	[OX_OP_PUSH_NSH] = "push_nsh",
	[OX_OP_POP_NSH] = "pop_nsh",
	[OX_OP_CLONE] = "clone",
	[OX_OP_DEC_TTL] = "dec_ttl",
	[OX_OP_HASH] = "hash",
	[OX_OP_CT_CLEAR] = "ct_clear",
	[OX_OP_TUN] = "set(tunnel)",
	[OX_OP_REFUSE] = "an action that no packet passes",
};

void ox_trace_op_print(FILE *f, const struct ox_datapath *dp,
		       const struct ox_op *op)
{
	if (op->code < OX_OP_MAX && plain[op->code])
		fputs(plain[op->code], f);
	else if (op->code < OX_OP_MAX && set_words[op->code].print)
		print_set(f, op, &set_words[op->code]);
	else if (op->code == OX_OP_PUSH_VLAN)
		print_push_vlan(f, op);
	else if (op->code == OX_OP_PUSH_MPLS)
		print_mpls(f, op, "push_mpls");
	else if (op->code == OX_OP_ADD_MPLS)
		print_mpls(f, op, "add_mpls");
	else if (op->code == OX_OP_POP_MPLS)
		fprintf(f, "pop_mpls(eth_type=0x%04x)", op->arg & 0xffff);
	else if (op->code == OX_OP_PUSH_ETH)
		print_push_eth(f, op);
	else
		print_way(f, dp, op);
}

/* ---- what comes of them ---- */

void ox_trace_ct_state_print(FILE *f, uint8_t state)
{
	static const char *const names[] = { "new", "est", "rel",  "rpl",
					     "inv", "trk", "snat", "dnat" };

	for (uint32_t i = 0; i < 8; i++)
		if (state & 1 << i)
			fprintf(f, "+%s", names[i]);
	if (!state)
		fputc('0', f);
}

static void print_addr(FILE *f, uint8_t family, const void *addr)
{
	char text[INET6_ADDRSTRLEN];

	fputs(inet_ntop(family, addr, text, sizeof(text)) ? text : "?", f);
}

void ox_trace_tunnel_print(FILE *f, const struct ox_tun_key *k)
{
	bool v6 = k->proto == AF_INET6;

	fprintf(f, "tun_id=0x%" PRIx64 ",src=",
		(uint64_t)__builtin_bswap64(k->tun.tun_id));
	print_addr(f, v6 ? AF_INET6 : AF_INET,
		   v6 ? (const void *)k->tun.ipv6.src : &k->tun.ipv4.src);
	fputs(",dst=", f);
	print_addr(f, v6 ? AF_INET6 : AF_INET,
		   v6 ? (const void *)k->tun.ipv6.dst : &k->tun.ipv4.dst);
}

const char *ox_tier_name(uint32_t tier)
{
	static const char *const names[] = { "xdp", "skb", "user" };

	return tier < 3 ? names[tier] : "?";
}

const char *ox_reason_name(uint32_t reason)
{
	static const char *const names[OX_R_COUNT] = {
#define NAME(id, name, kind, text) [OX_R_##id] = name,
		OX_REASONS(NAME)
#undef NAME
	};

	return reason < OX_R_COUNT ? names[reason] : "";
}

const char *ox_reason_text(uint32_t reason)
{
	static const char *const texts[OX_R_COUNT] = {
#define TEXT(id, name, kind, text) [OX_R_##id] = text,
		OX_REASONS(TEXT)
#undef TEXT
	};

	return reason < OX_R_COUNT ? texts[reason] : "";
}
