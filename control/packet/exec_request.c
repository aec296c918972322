// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec_request.c - what ovs_packet_cmd_execute() reads from a request. The
 * frame's own key comes from the packet core.
 */
#include "control/packet/exec_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>

#include "bpf/host.h"
#include "control/codec/codec_packet.h"
#include "control/codec/key.h"

/* What a frame doesn't show stays as the request's metadata has it. */
static void metadata_merge(struct ox_key *key, const struct ox_key *md)
{
	key->in_port = md->in_port;
	key->recirc_id = md->recirc_id;
	key->dp_hash = md->dp_hash;
	key->skb_priority = md->skb_priority;
	key->skb_mark = md->skb_mark;
	key->ct_state = md->ct_state;
	key->ct_orig_proto = md->ct_orig_proto;
	key->ct_zone = md->ct_zone;
	key->ct_mark = md->ct_mark;
	memcpy(key->ct_labels, md->ct_labels, sizeof(key->ct_labels));
	memcpy(key->ct_orig_src, md->ct_orig_src, sizeof(key->ct_orig_src));
	memcpy(key->ct_orig_dst, md->ct_orig_dst, sizeof(key->ct_orig_dst));
	key->ct_orig_sport = md->ct_orig_sport;
	key->ct_orig_dport = md->ct_orig_dport;
	key->w[OX_W_TUN] = md->w[OX_W_TUN];
	key->has_tun = md->has_tun;
}

static bool nest_has(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest) {
		if (mnl_attr_get_type(attr) == type)
			return true;
	}
	return false;
}

/* sw_flow_key_is_nd() */
static bool key_is_nd(const struct ox_key *key)
{
	uint16_t type = ntohs(key->tp_src);

	return key->eth_type == htons(ETH_P_IPV6) &&
	       key->ip_proto == IPPROTO_ICMPV6 && !key->tp_dst &&
	       (type == ND_NEIGHBOR_SOLICIT || type == ND_NEIGHBOR_ADVERT);
}

/* An original tuple must be of the frame's own network protocol. */
static int orig_tuple_check(const struct nlattr *nest, const struct ox_key *key)
{
	if (nest_has(nest, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4) &&
	    key->eth_type != htons(ETH_P_IP))
		return -EINVAL;
	if (nest_has(nest, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6) &&
	    (key->eth_type != htons(ETH_P_IPV6) || key_is_nd(key)))
		return -EINVAL;
	return 0;
}

static int packet_bad(const void *base, const struct nlattr *nest,
		      const struct ox_key *md, int code, struct ox_err *e)
{
	ox_err_attr(e, base, nest);
	if (md->mac_proto)
		return ox_err_set(e, code, "the packet can't be parsed");
	return ox_err_set(e, code,
			  "the packet can't be parsed as eth_type 0x%04x",
			  ntohs(md->eth_type));
}

int ox_execute_key(const void *base, const struct nlattr *nest,
		   struct ox_execute *x, struct ox_err *e)
{
	struct ox_key md = { 0 };
	int err;

	err = ox_key_get_metadata(base, nest, &md, &x->tun, e);
	if (err)
		return err;
	/* only the key can say what begins with its network header */
	if (md.mac_proto)
		err = ox_host_extract(x->frame, x->len, md.in_port, &x->key);
	else
		err = ox_host_extract_l3(x->frame, x->len, md.eth_type,
					 md.in_port, &x->key);
	if (err)
		return packet_bad(base, nest, &md, err, e);
	metadata_merge(&x->key, &md);
	return orig_tuple_check(nest, &x->key);
}

int ox_execute_decode(const void *base, const struct nlattr *const *a,
		      struct ox_execute *out, struct ox_err *e)
{
	struct ox_key exact;
	int err;

	memset(out, 0, sizeof(*out));
	if (!a[OVS_PACKET_ATTR_PACKET] || !a[OVS_PACKET_ATTR_KEY] ||
	    !a[OVS_PACKET_ATTR_ACTIONS])
		return -EINVAL;
	out->frame = mnl_attr_get_payload(a[OVS_PACKET_ATTR_PACKET]);
	out->len = mnl_attr_get_payload_len(a[OVS_PACKET_ATTR_PACKET]);
	out->probe = a[OVS_PACKET_ATTR_PROBE];
	if (a[OVS_PACKET_ATTR_MRU])
		out->mru = mnl_attr_get_u16(a[OVS_PACKET_ATTR_MRU]);
	if (a[OVS_PACKET_ATTR_HASH])
		out->hash = mnl_attr_get_u64(a[OVS_PACKET_ATTR_HASH]) &
			    (UINT32_MAX | OVS_PACKET_HASH_SW_BIT |
			     OVS_PACKET_HASH_L4_BIT);
	if (a[OVS_PACKET_ATTR_UPCALL_PID])
		out->upcall_pid =
			mnl_attr_get_u32(a[OVS_PACKET_ATTR_UPCALL_PID]);
	err = ox_execute_key(base, a[OVS_PACKET_ATTR_KEY], out, e);
	if (err)
		return err;
	memset(&exact, 0xff, sizeof(exact));
	return ox_actions_compile(base, a[OVS_PACKET_ATTR_ACTIONS], &out->key,
				  &exact, &out->actions, e);
}

void ox_execute_done(struct ox_execute *x)
{
	ox_actions_free(&x->actions);
}
