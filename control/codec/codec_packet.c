// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * codec_packet.c - what ovs_packet_cmd_execute() reads from a request, and
 * what queue_userspace_packet() writes into an upcall, without the doing.
 */
#include "control/codec/codec_packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>

#include "bpf/host.h"
#include "control/codec/key.h"
#include "ovsxdp/nl.h"

const struct ox_nla_policy ox_packet_policy[OX_PACKET_ATTR_MAX + 1] = {
	[OVS_PACKET_ATTR_PACKET] = { .type = OX_NLA_MIN, .len = ETH_HLEN },
	[OVS_PACKET_ATTR_KEY] = { .type = OX_NLA_NESTED },
	[OVS_PACKET_ATTR_ACTIONS] = { .type = OX_NLA_NESTED },
	[OVS_PACKET_ATTR_PROBE] = { .type = OX_NLA_FLAG },
	[OVS_PACKET_ATTR_MRU] = { .type = OX_NLA_U16 },
	[OVS_PACKET_ATTR_HASH] = { .type = OX_NLA_U64 },
	[OVS_PACKET_ATTR_UPCALL_PID] = { .type = OX_NLA_U32 },
};

/* What a frame can't tell stays as the request's metadata has it. */
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
	key->tun_ref = md->tun_ref;
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

/* ovs_flow_key_extract_userspace() */
static int key_decode(const void *base, const struct nlattr *nest,
		      struct ox_execute *x, struct ox_err *e)
{
	struct ox_key md = { 0 };
	int err;

	err = ox_key_get_metadata(base, nest, &md, e);
	if (err)
		return err;
	/* only the key can tell what begins with its network header */
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
	err = key_decode(base, a[OVS_PACKET_ATTR_KEY], out, e);
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

/* The attributes between the family header and the packet, in the order of
 * the module. */
static int head_put(const struct ox_upcall_msg *m, struct ox_nlbuf *b)
{
	int err;

	err = ox_key_put(b, OVS_PACKET_ATTR_KEY, false, m->key, m->key);
	if (!err && m->userdata)
		err = ox_nl_put(b, OVS_PACKET_ATTR_USERDATA,
				mnl_attr_get_payload(m->userdata),
				mnl_attr_get_payload_len(m->userdata));
	if (!err && m->actions_len)
		err = ox_nl_put(b, OVS_PACKET_ATTR_ACTIONS, m->actions,
				m->actions_len);
	if (!err && m->mru)
		err = ox_nl_put_u16(b, OVS_PACKET_ATTR_MRU, m->mru);
	if (!err && m->cutlen < m->len)
		err = ox_nl_put_u32(b, OVS_PACKET_ATTR_LEN, m->len);
	if (!err)
		err = ox_nl_put_u64(b, OVS_PACKET_ATTR_HASH, m->hash);
	/* only the header: the frame follows in a piece of its own */
	if (!err)
		err = ox_nl_put(b, OVS_PACKET_ATTR_PACKET, NULL, 0);
	return err;
}

int ox_upcall_encode(const struct ox_upcall_msg *m, struct ox_nlbuf *b,
		     struct iovec iov[OX_UPCALL_IOV])
{
	static const uint8_t zero[NLA_ALIGNTO];
	uint32_t len = m->len < m->cutlen ? m->len : m->cutlen;
	uint32_t pad = m->unaligned ? 0 : NLA_ALIGN(len) - len;
	uint32_t start = b->len;
	struct ovs_header *hdr;
	struct nlmsghdr *nlh;
	struct nlattr *nla;
	void *user_hdr;
	int err;

	if (NLA_HDRLEN + len > USHRT_MAX)
		return -EFBIG;
	err = ox_nl_begin(b, OX_GENL_PACKET, 0, 0, 0, m->cmd,
			  OVS_PACKET_VERSION, sizeof(*hdr), &user_hdr);
	if (err)
		return err;
	hdr = user_hdr;
	hdr->dp_ifindex = m->dp_ifindex;
	err = head_put(m, b);
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	ox_nl_end(b);
	nlh = (struct nlmsghdr *)(b->data + start);
	nla = (struct nlattr *)(b->data + b->len - NLA_HDRLEN);
	nla->nla_len = NLA_HDRLEN + len;
	iov[0] = (struct iovec){ nlh, b->len - start };
	iov[1] = (struct iovec){ (void *)m->frame, len };
	iov[2] = (struct iovec){ (void *)zero, pad };
	nlh->nlmsg_len = iov[0].iov_len + len + pad;
	return pad ? 3 : 2;
}
