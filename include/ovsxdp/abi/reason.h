/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/reason.h - why a packet was dropped or left its tier. A part of
 * ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_REASON_H
#define OVSXDP_ABI_REASON_H

/*
 * Why a packet was dropped or left its tier: X(ID, name, DROP or EVENT, what
 * it means to an administrator). Every reason is a counter in
 * ox_dp_stats.reason[]. A new one goes to the end: counters outlive the
 * daemon, and tests/unit/test_abi.c has the order.
 */
#define OX_REASONS(X)                                                          \
	X(FLOW, "flow_drop", DROP, "the flow's list of actions is empty")      \
	X(NO_PORT, "no_port", DROP, "output to a port that isn't there")       \
	X(PORT_DOWN, "port_down", DROP,                                        \
	  "output to a device that is down or has no carrier")                 \
	X(OVER_MTU, "over_mtu", DROP,                                          \
	  "larger than the MTU of the output's device")                        \
	X(NO_SOCKET, "no_socket", DROP,                                        \
	  "no AF_XDP socket takes it: ovsxdpd isn't running")                  \
	X(SOCKET_FULL, "socket_full", DROP,                                    \
	  "ovsxdpd is behind: an AF_XDP ring was full")                        \
	X(NO_UPCALL_PID, "no_upcall_pid", DROP,                                \
	  "no flow matches, and no client asked for upcalls")                  \
	X(CLIENT_GONE, "client_gone", DROP,                                    \
	  "the client that asked for upcalls is gone")                         \
	X(CLIENT_FULL, "client_full", DROP,                                    \
	  "the client is behind: its upcall socket was full")                  \
	X(EDIT, "edit_failed", DROP,                                           \
	  "too short to be edited, or no headroom for a header")               \
	X(BAD_FLOW, "bad_flow", DROP,                                          \
	  "the flow was just replaced, or has an unknown op")                  \
	X(REDIRECT, "redirect_failed", DROP,                                   \
	  "the kernel refused a redirect to the output")                       \
	X(RUNT, "runt", DROP, "shorter than an Ethernet header")               \
	X(SEND, "send_failed", DROP,                                           \
	  "the kernel refused what the user tier sent")                        \
	X(RING_FULL, "ring_full", DROP,                                        \
	  "ovsxdpd is behind: the skb tier's ring was full")                   \
	X(NO_META, "no_metadata", DROP,                                        \
	  "the driver takes no XDP metadata: use mode=tc")                     \
	X(RECIRC, "recirc_limit", DROP,                                        \
	  "recirculated or branched further than the module")                  \
	X(DEPTH, "clone_limit", EVENT,                                         \
	  "branches nest too deep: went on in the user tier")                  \
	X(METER, "meter", DROP, "over the rate of a meter's band")             \
	X(EXPLICIT, "drop_action", DROP, "action drop with reason 0")          \
	X(EXPLICIT_ERROR, "drop_error", DROP,                                  \
	  "action drop with another reason")                                   \
	X(TTL, "ttl_expired", DROP,                                            \
	  "dec_ttl met a TTL of 0 or 1, without a list for it")                \
	X(TX_BUSY, "tx_busy", DROP, "the device refused a copy")               \
	X(BAD_HDR, "bad_header", DROP,                                         \
	  "an NSH header that the key can't hold")                             \
	X(NO_TIER, "no_skb_tier", DROP,                                        \
	  "XDP can't do it, and the port has no skb tier")                     \
	X(NO_ETH, "no_ethernet", DROP,                                         \
	  "packet without Ethernet to a port that needs it")                   \
	X(CSUM_PARTIAL, "csum_partial", EVENT, "XDP met an open checksum")     \
	X(NO_XMIT, "no_ndo_xmit", EVENT,                                       \
	  "XDP can't reach the output: sent by the skb tier")                  \
	X(USER, "to_user", EVENT, "the list of actions runs in the user tier") \
	X(SKB, "to_skb", EVENT, "XDP handed it to the skb tier")               \
	X(WORK, "work_limit", DROP,                                            \
	  "one packet's lists of actions made too much work")                  \
	X(NEST, "nest_limit", DROP,                                            \
	  "sent back to a port while it was sent: a loop")                     \
	X(RING_SHARE, "ring_share", DROP,                                      \
	  "its port's share of the skb tier's ring was full")                  \
	X(CT_LIMIT, "ct_limit", DROP,                                          \
	  "its zone has as many connections as it may")                        \
	X(CT_FULL, "ct_full", DROP,                                            \
	  "no room for a new connection: raise the maximum")                   \
	X(CT_CLASH, "ct_clash", DROP,                                          \
	  "ct(commit) met another connection of its own")                      \
	X(CT_FRAG, "ct_fragment", DROP,                                        \
	  "fragments in front of ct() that don't make a packet")               \
	X(FRAG_DUP, "frag_duplicate", DROP,                                    \
	  "a fragment in front of ct() that was there already")                \
	X(FRAG_OVERLAP, "frag_overlap", DROP,                                  \
	  "fragments in front of ct() that overlap")                           \
	X(FRAG_TIMEOUT, "frag_timeout", DROP,                                  \
	  "fragments for ct(): the rest didn't come in time")                  \
	X(FRAG_LIMIT, "frag_limit", DROP,                                      \
	  "its port's share of memory for fragments was full")                 \
	X(NO_TUNNEL, "no_tunnel_key", DROP,                                    \
	  "output to a tunnel's port without set(tunnel())")                   \
	X(TUNNEL, "tunnel_failed", DROP,                                       \
	  "the kernel refused the tunnel key of an output")                    \
	X(CT_HELPER, "ct_helper", DROP,                                        \
	  "a helper can't follow: cut in two, or no port left")                \
	X(CT_NO_HELPER, "ct_no_helper", EVENT,                                 \
	  "no room for a helper's memory: went on without it")                 \
	X(NO_ROUTE, "no_route", DROP,                                          \
	  "no route to a tunnel's remote address, or it is ours")              \
	X(IPSEC, "ipsec_peer", DROP,                                           \
	  "own encapsulation, to a peer that IPsec covers")                    \
	X(BAD_OUTER, "bad_outer", DROP,                                        \
	  "outer headers that no tunnel would take")                           \
	X(ECN, "ecn", DROP,                                                    \
	  "congestion outside that the inner packet can't tell")               \
	X(PMTU, "pmtu_told", EVENT,                                            \
	  "over_mtu of a tunnel, and the sender was told so")

enum ox_reason {
#define OX_R_ENUM(id, name, kind, text) OX_R_##id,
	OX_REASONS(OX_R_ENUM)
#undef OX_R_ENUM
		OX_R_COUNT,
	OX_R_NONE = 0xff, /* no reason: nothing is counted */
};
/* Those that are drops, a bit each. The others are events: the packet went
 * on. */
#define OX_R_IS_DROP		       1ull
#define OX_R_IS_EVENT		       0ull
#define OX_R_BIT(id, name, kind, text) | OX_R_IS_##kind << OX_R_##id
#define OX_R_DROPS		       (0ull OX_REASONS(OX_R_BIT))
#define OX_R_MAX		       56 /* room in ox_dp_stats */
_Static_assert(OX_R_COUNT <= OX_R_MAX && OX_R_NONE >= OX_R_MAX, "room");

#endif /* OVSXDP_ABI_REASON_H */
