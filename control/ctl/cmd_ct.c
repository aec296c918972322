// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_ct.c - dump-conntrack, flush-conntrack: connections by nfnetlink.
 */
#include "control/ctl/ct.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* ---- dumping ---- */

struct dump {
	struct ox_ctl *ctl;
	int32_t zone;
	void (*fn)(const struct ox_ctnl_entry *e, void *arg);
	void *arg;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct nfgenmsg *h = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[CTA_MAX + 1];
	struct ox_ctnl_entry e;
	struct dump *d = arg;
	int err;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*h))
		return -EPROTO;
	err = ox_attrs_parse(nlh, mnl_nlmsg_get_payload_offset(nlh, sizeof(*h)),
			     mnl_nlmsg_get_payload_len(nlh) - sizeof(*h),
			     ox_ctnl_policy, CTA_MAX, tb, &d->ctl->err);
	if (!err)
		err = ox_ctnl_entry_parse(nlh, tb, h->nfgen_family, &e,
					  &d->ctl->err);
	if (!err && (d->zone < 0 || d->zone == e.zone))
		d->fn(&e, d->arg);
	return err;
}

int ox_ct_dump(struct ox_ctl *ctl, int32_t zone,
	       void (*fn)(const struct ox_ctnl_entry *e, void *arg), void *arg)
{
	struct dump d = { ctl, zone, fn, arg };
	uint16_t be = htons((uint16_t)zone);
	struct ox_msg m;

	ox_msg_begin_nfnl(&m, NFNL_SUBSYS_CTNETLINK, NLM_F_DUMP,
			  IPCTNL_MSG_CT_GET, AF_UNSPEC);
	if (zone >= 0)
		ox_msg_put(&m, CTA_ZONE, &be, sizeof(be));
	return ox_conn_talk(ctl->conn, &m, take, &d, &ctl->err);
}

struct show {
	struct ox_ctl *ctl;
	cJSON *list;
};

static void show_one(const struct ox_ctnl_entry *e, void *arg)
{
	const struct show *s = arg;

	if (s->list)
		cJSON_AddItemToArray(s->list, ox_ct_json(e));
	else
		ox_ct_print(s->ctl->out, e, s->ctl->statistics, s->ctl->more);
}

int ox_cmd_dump_conntrack(struct ox_ctl *ctl)
{
	struct show s = { .ctl = ctl };
	int32_t zone = -1;
	uint16_t v;
	int err = 0;

	if (ctl->argc) {
		err = ox_ct_zone_parse(ctl->argv[0], &v, &ctl->err);
		zone = v;
	}
	if (err)
		return err;
	if (ctl->json)
		s.list = cJSON_CreateArray();
	err = ox_ct_dump(ctl, zone, show_one, &s);
	if (s.list && !err)
		ox_ctl_print_json(ctl, s.list, false);
	else
		cJSON_Delete(s.list);
	return err;
}

/* ---- flushing ---- */

static void put_tuple(struct ox_msg *m, const struct ox_ctnl_tuple *t)
{
	bool v6 = t->l3 == AF_INET6, icmp = t->proto == IPPROTO_ICMP;
	struct nlattr *tuple, *nest;

	tuple = mnl_attr_nest_start(&m->nlh, CTA_TUPLE_ORIG);
	nest = mnl_attr_nest_start(&m->nlh, CTA_TUPLE_IP);
	ox_msg_put(m, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, t->src, v6 ? 16 : 4);
	ox_msg_put(m, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, t->dst, v6 ? 16 : 4);
	mnl_attr_nest_end(&m->nlh, nest);
	nest = mnl_attr_nest_start(&m->nlh, CTA_TUPLE_PROTO);
	ox_msg_put(m, CTA_PROTO_NUM, &t->proto, 1);
	if (icmp || t->proto == IPPROTO_ICMPV6) {
		ox_msg_put(m, icmp ? CTA_PROTO_ICMP_ID : CTA_PROTO_ICMPV6_ID,
			   &t->sport, 2);
		ox_msg_put(m,
			   icmp ? CTA_PROTO_ICMP_TYPE : CTA_PROTO_ICMPV6_TYPE,
			   &t->icmp_type, 1);
		ox_msg_put(m,
			   icmp ? CTA_PROTO_ICMP_CODE : CTA_PROTO_ICMPV6_CODE,
			   &t->icmp_code, 1);
	} else {
		ox_msg_put(m, CTA_PROTO_SRC_PORT, &t->sport, 2);
		ox_msg_put(m, CTA_PROTO_DST_PORT, &t->dport, 2);
	}
	mnl_attr_nest_end(&m->nlh, nest);
	mnl_attr_nest_end(&m->nlh, tuple);
}

int ox_cmd_flush_conntrack(struct ox_ctl *ctl)
{
	struct ox_ctnl_tuple t = { 0 };
	struct ox_msg m;
	uint16_t zone = 0;
	bool has_zone;
	int err = 0;

	has_zone = ctl->argc && !strncmp(ctl->argv[0], "zone=", 5);
	if (has_zone)
		err = ox_ct_zone_parse(ctl->argv[0], &zone, &ctl->err);
	if (!err && ctl->argc == 2 && !has_zone)
		return ox_err_set(&ctl->err, OX_CTL_USAGE,
				  "the zone comes first");
	if (!err && ctl->argc > has_zone)
		err = ox_ct_tuple_parse(ctl->argv[has_zone], &t, &ctl->err);
	if (err)
		return err;
	zone = htons(zone);
	ox_msg_begin_nfnl(&m, NFNL_SUBSYS_CTNETLINK, NLM_F_ACK,
			  IPCTNL_MSG_CT_DELETE, t.l3);
	if (t.l3)
		put_tuple(&m, &t);
	if (has_zone)
		ox_msg_put(&m, CTA_ZONE, &zone, sizeof(zone));
	err = ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
	if (err == -ENOENT && !*ctl->err.msg)
		ox_err_set(&ctl->err, err, "there is no such connection");
	return err;
}
