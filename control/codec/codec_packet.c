// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * codec_packet.c - which attributes a message of the family may have, and
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

/* The attributes between the family header and the packet, in the order of
 * the module. */
static int head_put(const struct ox_upcall_msg *m, struct ox_nlbuf *b)
{
	int err;

	err = ox_key_put(b, OVS_PACKET_ATTR_KEY, false, m->key, m->key, m->tun);
	if (!err && m->userdata)
		err = ox_nl_put(b, OVS_PACKET_ATTR_USERDATA,
				mnl_attr_get_payload(m->userdata),
				mnl_attr_get_payload_len(m->userdata));
	if (!err && m->egress)
		err = ox_key_put_tunnel(b, OVS_PACKET_ATTR_EGRESS_TUN_KEY,
					m->egress, m->egress, m->egress_tun);
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
