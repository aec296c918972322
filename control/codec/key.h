/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key.h - OVS_FLOW_ATTR_KEY and _MASK to struct ox_key and back, as
 * net/openvswitch/flow_netlink.c does it (ovs_nla_get_match(),
 * ovs_nla_put_key(), ...). No I/O.
 */
#ifndef OVSXDP_KEY_H
#define OVSXDP_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "control/base/nlbuf.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/err.h"

/* Where a key goes, or a mask. tun is zero where the key has no tunnel. */
struct ox_key_out {
	struct ox_key *key;
	struct ox_tun *tun;
};

/*
 * Parses and validates a key and its mask or, mask out NULL, the key alone.
 * Without a mask attribute it is an exact match on the attributes given, as the
 * module makes it. base: start of the message.
 */
int ox_key_get_match(const void *base, const struct nlattr *key_nest,
		     const struct nlattr *mask_nest,
		     const struct ox_key_out *key,
		     const struct ox_key_out *mask, struct ox_err *e);
/* ovs_nla_get_flow_metadata(): the metadata fields of an EXECUTE's key into
 * *key (in_port OX_NONE if absent) and *tun. Neither is cleared first. */
int ox_key_get_metadata(const void *base, const struct nlattr *key_nest,
			struct ox_key *key, struct ox_tun *tun,
			struct ox_err *e);
/* ip_tun_from_nlattr(): a nest of OVS_TUNNEL_KEY_ATTR_* alone, as set(tunnel())
 * has it, to the tunnel's words of *key (the others are 0) and *tun. *opts: the
 * attribute that had options, or 0. No destination: the bridge form. */
int ox_key_get_tunnel(const void *base, const struct nlattr *nest,
		      struct ox_key *key, struct ox_tun *tun, uint16_t *opts,
		      struct ox_err *e);
/* ovs_nla_put_key(): swkey decides which attributes, output their values; for a
 * key both are the key, for a mask output is the mask. tun goes with output;
 * NULL is all zero. Wraps it in attr. -EMSGSIZE if it doesn't fit (nothing is
 * left in the message then). */
int ox_key_put(struct ox_nlbuf *b, uint16_t attr, bool is_mask,
	       const struct ox_key *swkey, const struct ox_key *output,
	       const struct ox_tun *tun);
/* The tunnel of a key alone, likewise: OVS_KEY_ATTR_TUNNEL, or
 * OVS_PACKET_ATTR_EGRESS_TUN_KEY. */
int ox_key_put_tunnel(struct ox_nlbuf *b, uint16_t attr,
		      const struct ox_key *swkey, const struct ox_key *output,
		      const struct ox_tun *tun);

#endif /* OVSXDP_KEY_H */
