// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * show.c - keys, actions and items as text.
 */
#include "norm.h"
#include "ovsxdp/uapi.h"

static const char *const key_name[] = {
	"?",	   "encap",    "priority", "in_port",  "eth",	   "vlan",
	"type",	   "ipv4",     "ipv6",	   "tcp",      "udp",	   "icmp",
	"icmpv6",  "arp",      "nd",	   "mark",     "tunnel",   "sctp",
	"flags",   "dp_hash",  "recirc",   "mpls",     "ct_state", "ct_zone",
	"ct_mark", "ct_label", "ct_orig4", "ct_orig6", "nsh",	   "pkt_type",
	"nd_ext",  "tun_info", "exthdrs",
};

static const char *const action_name[] = {
	"?",	    "output",	  "userspace", "set",	  "push_vlan",
	"pop_vlan", "sample",	  "recirc",    "hash",	  "push_mpls",
	"pop_mpls", "set_masked", "ct",	       "trunc",	  "push_eth",
	"pop_eth",  "ct_clear",	  "push_nsh",  "pop_nsh", "meter",
	"clone",    "check_len",  "add_mpls",  "dec_ttl",
};

static const char *const packet_name[] = { "?",	      "packet",	  "key",
					   "actions", "userdata", "egress",
					   "6",	      "7",	  "probe",
					   "mru",     "len",	  "hash" };

static const char *const flow_name[] = { "?",	  "key",       "actions",
					 "stats", "tcp_flags", "used",
					 "clear", "mask",      "probe",
					 "ufid",  "ufid_flags" };

#define COUNT(v)   (sizeof(v) / sizeof((v)[0]))
#define NAME(v, i) ((uint32_t)(i) < COUNT(v) ? (v)[i] : "??")

void show_hex(FILE *f, const void *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		fprintf(f, "%02x", ((const uint8_t *)p)[i]);
}

void show_key(FILE *f, const void *p, uint32_t n)
{
	const char *sep = "";

	nla_each(a, p, n)
	{
		int kind = nla_kind(a);

		fprintf(f, "%s%s=", sep, NAME(key_name, kind));
		sep = " ";
		if (kind == OVS_KEY_ATTR_ENCAP) {
			fputc('{', f);
			show_key(f, nla_body(a), nla_size(a));
			fputc('}', f);
		} else {
			show_hex(f, nla_body(a), nla_size(a));
		}
	}
}

/* An attribute of a nest whose inner lists are of actions. */
static bool is_list(int kind, int inner)
{
	return (kind == OVS_ACTION_ATTR_SAMPLE &&
		inner == OVS_SAMPLE_ATTR_ACTIONS) ||
	       (kind == OVS_ACTION_ATTR_CHECK_PKT_LEN && inner > 1) ||
	       kind == OVS_ACTION_ATTR_DEC_TTL;
}

static void show_nest(FILE *f, int kind, const struct nlattr *nest)
{
	const char *sep = "";

	nla_each(a, nla_body(nest), nla_size(nest))
	{
		fprintf(f, "%s%d:", sep, nla_kind(a));
		sep = " ";
		if (is_list(kind, nla_kind(a)))
			show_actions(f, nla_body(a), nla_size(a));
		else
			show_hex(f, nla_body(a), nla_size(a));
	}
}

void show_actions(FILE *f, const void *p, uint32_t n)
{
	const char *sep = "";

	fputc('[', f);
	nla_each(a, p, n)
	{
		int kind = nla_kind(a);

		fprintf(f, "%s%s(", sep, NAME(action_name, kind));
		sep = ", ";
		switch (kind) {
		case OVS_ACTION_ATTR_SET:
		case OVS_ACTION_ATTR_SET_MASKED:
			show_key(f, nla_body(a), nla_size(a));
			break;
		case OVS_ACTION_ATTR_CLONE:
			show_actions(f, nla_body(a), nla_size(a));
			break;
		case OVS_ACTION_ATTR_SAMPLE:
		case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		case OVS_ACTION_ATTR_DEC_TTL:
		case OVS_ACTION_ATTR_USERSPACE:
			show_nest(f, kind, a);
			break;
		default:
			show_hex(f, nla_body(a), nla_size(a));
		}
		fputc(')', f);
	}
	fputc(']', f);
}

static void show_message(FILE *f, const struct item *i, bool upcall)
{
	uint32_t n;
	const void *p = norm_attrs(i, &n);

	if (upcall)
		fprintf(f, "upcall %s",
			i->b[1] == OVS_PACKET_CMD_MISS ? "MISS" : "ACTION");
	else
		fprintf(f, "flow");
	nla_each(a, p, n)
	{
		int kind = nla_kind(a);

		fprintf(f, " %s=",
			upcall ? NAME(packet_name, kind)
			       : NAME(flow_name, kind));
		if (upcall ? kind == OVS_PACKET_ATTR_KEY
			   : kind == OVS_FLOW_ATTR_KEY ||
				     kind == OVS_FLOW_ATTR_MASK) {
			fputc('{', f);
			show_key(f, nla_body(a), nla_size(a));
			fputc('}', f);
		} else if (upcall ? kind == OVS_PACKET_ATTR_ACTIONS
				  : kind == OVS_FLOW_ATTR_ACTIONS) {
			show_actions(f, nla_body(a), nla_size(a));
		} else {
			show_hex(f, nla_body(a), nla_size(a));
		}
	}
}

static void show_reply(FILE *f, const struct item *i)
{
	uint32_t n;
	const void *p = norm_attrs(i, &n);

	fprintf(f, "%s cmd %u, %02x%02x",
		i->b[0] == ITEM_REPLY ? "reply" : "notification", i->b[1],
		i->b[3], i->b[2]);
	nla_each(a, p, n)
	{
		fprintf(f, " %u=", nla_kind(a));
		show_hex(f, nla_body(a), nla_size(a));
	}
}

void show_item(FILE *f, const struct item *i)
{
	switch (i->b[0]) {
	case ITEM_FRAME:
		fprintf(f, "port %u, %u bytes: ", i->b[1], i->len - 2);
		show_hex(f, i->b + 2, i->len - 2);
		break;
	case ITEM_UPCALL:
	case ITEM_FLOW:
		show_message(f, i, i->b[0] == ITEM_UPCALL);
		break;
	case ITEM_REPLY:
	case ITEM_NOTIFY:
		show_reply(f, i);
		break;
	default:
		fprintf(f, "%.*s", (int)i->len - 1, i->b + 1);
	}
}
