// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * monitor.c - prints notifications of all families, and upcalls.
 */
#include "control/ctl/monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/nl.h"

static const char *const verbs[] = { "?", "new", "del", "get", "set" };
static const char *const packet_verbs[] = { "?", "miss", "action", "execute" };

static const char *verb(uint8_t cmd)
{
	return cmd < sizeof(verbs) / sizeof(verbs[0]) ? verbs[cmd] : "?";
}

static const char *dp_name(const struct ox_monitor *mon, uint32_t ifindex)
{
	for (uint32_t i = 0; i < mon->dps.n; i++)
		if (mon->dps.v[i].ifindex == ifindex)
			return mon->dps.v[i].name;
	return "?";
}

/* Datapaths come and go while we watch: remember the new ones' names. */
static void learn_dp(struct ox_monitor *mon, const struct ox_dp_info *dp)
{
	struct ox_dp_info *v;

	for (uint32_t i = 0; i < mon->dps.n; i++) {
		if (mon->dps.v[i].ifindex == dp->ifindex) {
			mon->dps.v[i] = *dp;
			return;
		}
	}
	v = reallocarray(mon->dps.v, mon->dps.n + 1, sizeof(*v));
	if (!v)
		return;
	mon->dps.v = v;
	v[mon->dps.n++] = *dp;
}

static cJSON *event_json(const struct ox_monitor *mon, const char *what,
			 const char *how, uint32_t dp_ifindex)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "event", what);
	cJSON_AddStringToObject(o, "what", how);
	cJSON_AddStringToObject(o, "dp", dp_name(mon, dp_ifindex));
	return o;
}

static void event_dp(struct ox_monitor *mon, const struct nlmsghdr *nlh)
{
	FILE *f = mon->ctl->out;
	struct ox_dp_info dp;
	cJSON *o;

	ox_dp_info_read(nlh, &dp);
	learn_dp(mon, &dp);
	if (mon->ctl->json) {
		o = event_json(mon, "datapath", verb(ox_msg_cmd(nlh)),
			       dp.ifindex);
		cJSON_AddItemToObject(o, "datapath", ox_dp_json(&dp));
		ox_ctl_print_json(mon->ctl, o, true);
		return;
	}
	fprintf(f, "datapath %s %s ifindex:%u masks-cache:%u features:",
		verb(ox_msg_cmd(nlh)), dp.name, dp.ifindex, dp.cache_size);
	ox_dp_features_print(f, dp.features);
	fputc('\n', f);
}

static void event_port(struct ox_monitor *mon, const struct nlmsghdr *nlh)
{
	FILE *f = mon->ctl->out;
	struct ox_port_info p;
	cJSON *o;

	ox_port_info_read(nlh, &p);
	if (mon->ctl->json) {
		o = event_json(mon, "vport", verb(ox_msg_cmd(nlh)),
			       p.dp_ifindex);
		cJSON_AddItemToObject(o, "vport", ox_port_json(&p));
		ox_ctl_print_json(mon->ctl, o, true);
		return;
	}
	fprintf(f, "vport %s %s port:%u %s type:%s ifindex:%u upcall_pid:",
		verb(ox_msg_cmd(nlh)), dp_name(mon, p.dp_ifindex), p.no, p.name,
		ox_port_type_name(p.type), p.ifindex);
	for (uint32_t i = 0; i < p.n_pids; i++)
		fprintf(f, "%s%u", i ? ":" : "", p.pids[i]);
	fputc('\n', f);
}

static void event_flow(struct ox_monitor *mon, const struct nlmsghdr *nlh)
{
	FILE *f = mon->ctl->out;
	struct ox_flow_info fl;
	cJSON *o;

	ox_flow_info_read(nlh, &fl);
	if (mon->ctl->json) {
		o = event_json(mon, "flow", verb(ox_msg_cmd(nlh)),
			       fl.dp_ifindex);
		cJSON_AddItemToObject(o, "flow",
				      ox_flow_json(&fl, &mon->style));
		ox_ctl_print_json(mon->ctl, o, true);
		return;
	}
	fprintf(f, "flow %s %s ", verb(ox_msg_cmd(nlh)),
		dp_name(mon, fl.dp_ifindex));
	if (!fl.key && !fl.ufid)
		fputs("all", f); /* the notification of a flush */
	else
		ox_flow_print(f, &fl, &mon->style);
	fputc('\n', f);
}

static void print_hex(FILE *f, const struct nlattr *a)
{
	const uint8_t *p = mnl_attr_get_payload(a);

	for (uint32_t i = 0; i < mnl_attr_get_payload_len(a); i++)
		fprintf(f, "%02x", p[i]);
}

static void json_hex(cJSON *o, const char *name, const struct nlattr *a)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	if (!a)
		return;
	f = open_memstream(&text, &size);
	if (!f)
		return;
	print_hex(f, a);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
	free(text);
}

static void packet_json(struct ox_monitor *mon, const char *how, uint32_t dp,
			const struct nlattr **tb)
{
	const struct nlattr *key = tb[OVS_PACKET_ATTR_KEY];
	cJSON *o = event_json(mon, "packet", how, dp);

	if (key)
		cJSON_AddItemToObject(
			o, "key",
			ox_odp_json_key(mnl_attr_get_payload(key),
					mnl_attr_get_payload_len(key), NULL, 0,
					&mon->style));
	json_hex(o, "userdata", tb[OVS_PACKET_ATTR_USERDATA]);
	json_hex(o, "packet", tb[OVS_PACKET_ATTR_PACKET]);
	ox_ctl_print_json(mon->ctl, o, true);
}

static void packet_text(struct ox_monitor *mon, const char *how, uint32_t dp,
			const struct nlattr **tb)
{
	const struct nlattr *key = tb[OVS_PACKET_ATTR_KEY];
	const struct nlattr *packet = tb[OVS_PACKET_ATTR_PACKET];
	FILE *f = mon->ctl->out;

	fprintf(f, "packet %s %s len:%u ", how, dp_name(mon, dp),
		packet ? mnl_attr_get_payload_len(packet) : 0);
	if (key)
		ox_odp_format_key(f, mnl_attr_get_payload(key),
				  mnl_attr_get_payload_len(key), NULL, 0,
				  &mon->style);
	if (tb[OVS_PACKET_ATTR_USERDATA]) {
		fputs(" userdata:", f);
		print_hex(f, tb[OVS_PACKET_ATTR_USERDATA]);
	}
	if (packet && mon->ctl->more) {
		fputs(" packet:", f);
		print_hex(f, packet);
	}
	fputc('\n', f);
}

static void event_packet(struct ox_monitor *mon, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[OX_PACKET_ATTR_MAX + 1];
	uint8_t cmd = ox_msg_cmd(nlh);
	const char *how = packet_verbs[cmd < 4 ? cmd : 0];

	ox_msg_attrs(nlh, tb, OX_PACKET_ATTR_MAX);
	if (mon->ctl->json)
		packet_json(mon, how, ox_msg_dp(nlh), tb);
	else
		packet_text(mon, how, ox_msg_dp(nlh), tb);
}

static const struct {
	uint16_t family;
	void (*fn)(struct ox_monitor *mon, const struct nlmsghdr *nlh);
} events[] = {
	{ OX_GENL_DATAPATH, event_dp },
	{ OX_GENL_VPORT, event_port },
	{ OX_GENL_FLOW, event_flow },
	{ OX_GENL_PACKET, event_packet },
};

int ox_monitor_event(const struct nlmsghdr *nlh, void *arg)
{
	struct ox_monitor *mon = arg;

	if (mon->dp_ifindex && ox_msg_dp(nlh) != mon->dp_ifindex)
		return 0;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i].family != nlh->nlmsg_type)
			continue;
		events[i].fn(mon, nlh);
		fflush(mon->ctl->out);
		mon->n_events++;
		break;
	}
	return 0;
}
