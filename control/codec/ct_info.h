/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_info.h - the argument of OVS_ACTION_ATTR_CT, as struct
 * ovs_conntrack_info of net/openvswitch/conntrack.c: checked as parse_ct() and
 * parse_nat() check it, and written as ovs_ct_action_to_attr() does. No I/O.
 */
#ifndef OVSXDP_CODEC_CT_INFO_H
#define OVSXDP_CODEC_CT_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>
#include <libmnl/libmnl.h>

#include "ovsxdp/abi/ct.h"
#include "ovsxdp/err.h"

#define OX_CT_HELPER_LEN  16 /* NF_CT_HELPER_NAME_LEN, with the NUL */
#define OX_CT_TIMEOUT_LEN 32 /* CTNL_TIMEOUT_NAME_MAX, with the NUL */

/* enum ovs_ct_nat */
#define OX_CT_NAT     0x1 /* also of connections that have it already */
#define OX_CT_SRC_NAT 0x2 /* of new ones; never with */
#define OX_CT_DST_NAT 0x4

/* Flags of a range: NF_NAT_RANGE_* of linux/netfilter/nf_nat.h. */
struct ox_ct_range {
	uint32_t flags;
	__be32 min_addr[4]; /* IPv4 in the first */
	__be32 max_addr[4];
	uint16_t min_proto; /* host order */
	uint16_t max_proto;
};

struct ox_ct_info {
	uint8_t family; /* AF_INET, AF_INET6; 0: nothing told it */
	bool commit;
	bool force; /* commit, too */
	bool have_eventmask;
	uint8_t nat; /* OX_CT_*NAT */
	uint16_t zone;
	uint32_t eventmask; /* 1 << enum ip_conntrack_events */
	struct {
		uint32_t value;
		uint32_t mask; /* 0: leave it */
	} mark;
	struct {
		uint8_t value[16];
		uint8_t mask[16]; /* all zero: leave them */
	} labels;
	char helper[OX_CT_HELPER_LEN];	 /* "": none */
	char timeout[OX_CT_TIMEOUT_LEN]; /* "": none */
	struct ox_ct_range range;
};

/*
 * Parses the nest of a ct() action into *out. family: of the packets, as
 * their Ethernet type has it; 0 takes addresses of either, all of one length.
 * -EINVAL, or -ERANGE for two kinds of NAT, with words and the offset from base
 * of the attribute that is wrong. Names are not looked up.
 */
int ox_ct_info_parse(const void *base, const struct nlattr *nest,
		     uint8_t family, struct ox_ct_info *out, struct ox_err *e);
/* An expected connection's helper: does one of this name track packets of this
 * IP protocol? ftp is TCP's, tftp UDP's. */
bool ox_ct_helper_known(const char *name, uint8_t ip_proto);

/* What the programs run: the same, but for tp, the place of the timeout policy
 * by that name. ct_act.c */
void ox_ct_info_compile(const struct ox_ct_info *ct, struct ox_ct_act *out);

/* Most bytes that ox_ct_info_write() writes. */
#define OX_CT_INFO_MAX 256
/* Writes the attributes that a dump shows inside of OVS_ACTION_ATTR_CT.
 * Returns their bytes, a multiple of 4. */
uint32_t ox_ct_info_write(const struct ox_ct_info *ct, uint8_t *to);

#endif /* OVSXDP_CODEC_CT_INFO_H */
