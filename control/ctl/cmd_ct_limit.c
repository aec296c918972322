// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_ct_limit.c - ct-set-limits, ct-get-limits, ct-del-limits: by the family
 * ovs_ct_limit.
 */
#include "control/ctl/ct.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OVS_CT_LIMIT_ATTR_MAX + 1];
	struct ox_msg *answer = arg;

	/* a SET is answered without attributes */
	if (answer && ox_msg_attrs(nlh, tb, OVS_CT_LIMIT_ATTR_MAX) &&
	    tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT] && nlh->nlmsg_len <= OX_MSG_ROOM)
		memcpy(answer->room, nlh, nlh->nlmsg_len);
	return 0;
}

static int talk(struct ox_ctl *ctl, struct ox_msg *m, struct ox_msg *answer)
{
	int err = ox_conn_talk(ctl->conn, m, take, answer, &ctl->err);

	if (err == -ENOENT)
		return ox_err_set(&ctl->err, -EOPNOTSUPP,
				  "ovsxdpd serves no connection tracking here; "
				  "its log may say why");
	return err;
}

static struct nlattr *begin(struct ox_msg *m, uint8_t cmd)
{
	ox_msg_begin(m, OX_GENL_CT_LIMIT, NLM_F_ACK, cmd, 0);
	return mnl_attr_nest_start(&m->nlh, OVS_CT_LIMIT_ATTR_ZONE_LIMIT);
}

static void put(struct ox_msg *m, int32_t zone, uint32_t limit)
{
	struct ovs_zone_limit l = { .zone_id = zone, .limit = limit };
	uint8_t *to = mnl_nlmsg_get_payload_tail(&m->nlh);

	if (m->nlh.nlmsg_len + sizeof(l) > OX_MSG_ROOM) {
		m->overflow = true;
		return;
	}
	memcpy(to, &l, sizeof(l));
	m->nlh.nlmsg_len += sizeof(l);
}

/* "default=10" or "zone=5,limit=2" */
static int put_word(struct ox_msg *m, const char *word, struct ox_err *e)
{
	_cleanup_free_ char *copy = strdup(word);
	uint32_t limit = 0;
	uint16_t zone = 0;
	char *comma;
	int err;

	if (!copy)
		return -ENOMEM;
	if (!strncmp(word, "default=", 8)) {
		err = ox_arg_u32(word + 8, UINT32_MAX, &limit, e);
		if (!err)
			put(m, -1, limit);
		return err;
	}
	comma = strchr(copy, ',');
	if (!comma || strncmp(comma, ",limit=", 7))
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.60s' is neither default=LIMIT nor "
				  "zone=N,limit=LIMIT",
				  word);
	*comma = '\0';
	err = ox_ct_zone_parse(copy, &zone, e);
	if (!err)
		err = ox_arg_u32(comma + 7, UINT32_MAX, &limit, e);
	if (!err)
		put(m, zone, limit);
	return err;
}

int ox_cmd_ct_set_limits(struct ox_ctl *ctl)
{
	struct ox_msg m;
	struct nlattr *nest = begin(&m, OVS_CT_LIMIT_CMD_SET);
	int err = 0;

	for (int i = 0; !err && i < ctl->argc; i++)
		err = put_word(&m, ctl->argv[i], &ctl->err);
	if (err)
		return err;
	mnl_attr_nest_end(&m.nlh, nest);
	return talk(ctl, &m, NULL);
}

/* "zone=1,2,3" */
static int put_zones(struct ox_msg *m, const char *text, struct ox_err *e)
{
	_cleanup_free_ char *copy = strdup(text);
	char *word, *save = NULL;
	uint32_t zone = 0;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	if (strncmp(copy, "zone=", 5))
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.60s' is not zone=NUMBER[,NUMBER]...",
				  text);
	for (word = strtok_r(copy + 5, ",", &save); !err && word;
	     word = strtok_r(NULL, ",", &save)) {
		err = ox_arg_u32(word, UINT16_MAX, &zone, e);
		if (!err)
			put(m, (int32_t)zone, 0);
	}
	return err;
}

int ox_cmd_ct_del_limits(struct ox_ctl *ctl)
{
	struct ox_msg m;
	struct nlattr *nest = begin(&m, OVS_CT_LIMIT_CMD_DEL);
	int err = put_zones(&m, ctl->argv[0], &ctl->err);

	if (err)
		return err;
	mnl_attr_nest_end(&m.nlh, nest);
	return talk(ctl, &m, NULL);
}

static void show(struct ox_ctl *ctl, const struct ovs_zone_limit *l,
		 cJSON *list)
{
	cJSON *o;

	if (!list && l->zone_id == -1) {
		fprintf(ctl->out, "default limit=%u\n", l->limit);
	} else if (!list) {
		fprintf(ctl->out, "zone=%d,limit=%u,count=%u\n", l->zone_id,
			l->limit, l->count);
	} else {
		o = cJSON_CreateObject();
		if (l->zone_id == -1)
			cJSON_AddTrueToObject(o, "default");
		else
			cJSON_AddNumberToObject(o, "zone", l->zone_id);
		cJSON_AddNumberToObject(o, "limit", l->limit);
		if (l->zone_id != -1)
			cJSON_AddNumberToObject(o, "count", l->count);
		cJSON_AddItemToArray(list, o);
	}
}

static void show_all(struct ox_ctl *ctl, const struct ox_msg *answer)
{
	const struct nlattr *tb[OVS_CT_LIMIT_ATTR_MAX + 1];
	cJSON *list = ctl->json ? cJSON_CreateArray() : NULL;
	const struct nlattr *nest;
	struct ovs_zone_limit l;

	ox_msg_attrs(&answer->nlh, tb, OVS_CT_LIMIT_ATTR_MAX);
	nest = tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT];
	for (uint32_t at = 0;
	     nest && at + sizeof(l) <= mnl_attr_get_payload_len(nest);
	     at += sizeof(l)) {
		memcpy(&l, (const uint8_t *)mnl_attr_get_payload(nest) + at,
		       sizeof(l));
		show(ctl, &l, list);
	}
	if (list)
		ox_ctl_print_json(ctl, list, false);
}

int ox_cmd_ct_get_limits(struct ox_ctl *ctl)
{
	static struct ox_msg answer;
	struct nlattr *nest;
	struct ox_msg m;
	int err = 0;

	memset(&answer, 0, sizeof(answer));
	mnl_nlmsg_put_header(answer.room);
	if (ctl->argc) {
		nest = begin(&m, OVS_CT_LIMIT_CMD_GET);
		put(&m, -1, 0);
		err = put_zones(&m, ctl->argv[0], &ctl->err);
		mnl_attr_nest_end(&m.nlh, nest);
	} else {
		ox_msg_begin(&m, OX_GENL_CT_LIMIT, NLM_F_ACK,
			     OVS_CT_LIMIT_CMD_GET, 0);
	}
	if (!err)
		err = talk(ctl, &m, &answer);
	if (!err)
		show_all(ctl, &answer);
	return err;
}
