/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_timeouts.h - the kernel's timeouts of connections: which set
 * (OX_CT_TP_*), which place of it (struct ox_ct_tp), seconds, and after
 * net.netfilter.nf_conntrack_ the sysctl, "" where there is none. What isn't
 * named is 0. From Linux 6.1, nf_conntrack_proto_*.c.
 */
#ifndef OVSXDP_CT_TIMEOUTS_H
#define OVSXDP_CT_TIMEOUTS_H

#include "ovsxdp/abi/ct.h"

#define OX_CT_TIMEOUTS(X)                                   \
	X(GENERIC, 0, 600, "generic_timeout")               \
	/* NONE, SYN_SENT, and so on: enum tcp_conntrack */ \
	X(TCP, 0, 120, "")                                  \
	X(TCP, 1, 120, "tcp_timeout_syn_sent")              \
	X(TCP, 2, 60, "tcp_timeout_syn_recv")               \
	X(TCP, 3, 432000, "tcp_timeout_established")        \
	X(TCP, 4, 120, "tcp_timeout_fin_wait")              \
	X(TCP, 5, 60, "tcp_timeout_close_wait")             \
	X(TCP, 6, 30, "tcp_timeout_last_ack")               \
	X(TCP, 7, 120, "tcp_timeout_time_wait")             \
	X(TCP, 8, 10, "tcp_timeout_close")                  \
	X(TCP, 9, 120, "")                                  \
	X(TCP, 12, 300, "tcp_timeout_max_retrans")          \
	X(TCP, 13, 300, "tcp_timeout_unacknowledged")       \
	X(UDP, 0, 30, "udp_timeout")                        \
	X(UDP, 1, 120, "udp_timeout_stream")                \
	X(UDPLITE, 0, 30, "udp_timeout")                    \
	X(UDPLITE, 1, 120, "udp_timeout_stream")            \
	X(ICMP, 0, 30, "icmp_timeout")                      \
	X(ICMPV6, 0, 30, "icmpv6_timeout")                  \
	/* enum sctp_conntrack */                           \
	X(SCTP, 0, 10, "")                                  \
	X(SCTP, 1, 10, "sctp_timeout_closed")               \
	X(SCTP, 2, 3, "sctp_timeout_cookie_wait")           \
	X(SCTP, 3, 3, "sctp_timeout_cookie_echoed")         \
	X(SCTP, 4, 210, "sctp_timeout_established")         \
	X(SCTP, 5, 3, "sctp_timeout_shutdown_sent")         \
	X(SCTP, 6, 3, "sctp_timeout_shutdown_recd")         \
	X(SCTP, 7, 3, "sctp_timeout_shutdown_ack_sent")     \
	X(SCTP, 8, 30, "sctp_timeout_heartbeat_sent")       \
	/* enum ct_dccp_states; the MSL is 120 s */         \
	X(DCCP, 0, 240, "")                                 \
	X(DCCP, 1, 240, "dccp_timeout_request")             \
	X(DCCP, 2, 480, "dccp_timeout_respond")             \
	X(DCCP, 3, 480, "dccp_timeout_partopen")            \
	X(DCCP, 4, 43200, "dccp_timeout_open")              \
	X(DCCP, 5, 64, "dccp_timeout_closereq")             \
	X(DCCP, 6, 64, "dccp_timeout_closing")              \
	X(DCCP, 7, 240, "dccp_timeout_timewait")            \
	X(GRE, 0, 30, "gre_timeout")                        \
	X(GRE, 1, 180, "gre_timeout_stream")

#endif /* OVSXDP_CT_TIMEOUTS_H */
