// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * drops.c - a dropped packet as text, as JSON and in a capture file.
 */
#include "control/ctl/drops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

bool ox_drop_read(const struct nlmsghdr *nlh, struct ox_drop_info *p)
{
	const struct nlattr *tb[OX_A_MAX__];

	if (nlh->nlmsg_type != OX_GENL_OVSXDP || ox_msg_cmd(nlh) != OX_CMD_DROP)
		return false;
	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	*p = (struct ox_drop_info){ .dp_ifindex = ox_msg_dp(nlh), .dp = "?" };
	clock_gettime(CLOCK_REALTIME, &p->at);
	ox_attr_str(tb[OX_A_TRACE_TIER], p->tier, sizeof(p->tier));
	ox_attr_str(tb[OX_A_REASON_NAME], p->reason, sizeof(p->reason));
	ox_attr_str(tb[OX_A_PORT_NAME], p->port, sizeof(p->port));
	p->port_no = ox_attr_u32(tb[OX_A_PORT_NO], OX_NONE);
	p->len = ox_attr_u32(tb[OX_A_DROP_LEN], 0);
	p->key = tb[OX_A_TRACE_KEY];
	p->ufid = tb[OX_A_DROP_UFID];
	p->packet = tb[OX_A_TRACE_PACKET];
	return p->packet; /* without one it is a sign of life */
}

static void print_ufid(FILE *f, const struct ox_drop_info *p)
{
	ox_odp_format_ufid(f, mnl_attr_get_payload(p->ufid),
			   mnl_attr_get_payload_len(p->ufid));
}

/* "dp0: port 1 (p1): ttl_expired (OVS_DROP_IP_TTL), skb tier" */
static void print_why(FILE *f, const struct ox_drop_info *p)
{
	const char *kernel = ox_reason_kernel_name(p->reason);

	fprintf(f, "%s: ", p->dp);
	if (p->port_no == OX_NONE)
		fputs("no port", f);
	else
		fprintf(f, "port %" PRIu32 " (%s)", p->port_no, p->port);
	fprintf(f, ": %s", p->reason);
	if (kernel)
		fprintf(f, " (%s)", kernel);
	fprintf(f, ", %s tier", p->tier);
	if (!p->ufid)
		return;
	fputs(", ", f);
	print_ufid(f, p);
}

/* Metadata that the packet doesn't have, which would fill a line. */
static bool is_blank(const struct nlattr *a)
{
	static const uint64_t meta =
		1ull << OVS_KEY_ATTR_RECIRC_ID | 1ull << OVS_KEY_ATTR_DP_HASH |
		1ull << OVS_KEY_ATTR_PRIORITY | 1ull << OVS_KEY_ATTR_SKB_MARK |
		1ull << OVS_KEY_ATTR_CT_STATE | 1ull << OVS_KEY_ATTR_CT_ZONE |
		1ull << OVS_KEY_ATTR_CT_MARK | 1ull << OVS_KEY_ATTR_CT_LABELS;
	const uint8_t *v = mnl_attr_get_payload(a);
	uint16_t type = mnl_attr_get_type(a);

	if (type >= 64 || !(meta >> type & 1))
		return false;
	for (uint32_t i = 0; i < mnl_attr_get_payload_len(a); i++)
		if (v[i])
			return false;
	return true;
}

static void print_key(FILE *f, const struct nlattr *key,
		      const struct ox_odp_style *st)
{
	uint8_t kept[4096] __attribute__((aligned(NLA_ALIGNTO)));
	const struct nlattr *a;
	uint32_t len = 0;

	mnl_attr_for_each_nested (a, key) {
		uint32_t size = MNL_ALIGN(a->nla_len);

		if ((!st->more && is_blank(a)) || size > sizeof(kept) - len)
			continue;
		memcpy(kept + len, a, size);
		len += size;
	}
	ox_odp_format_key(f, kept, len, NULL, 0, st);
}

void ox_drop_print(FILE *f, const struct ox_drop_info *p,
		   const struct ox_odp_style *st)
{
	struct tm tm;
	char when[16];

	localtime_r(&p->at.tv_sec, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	fprintf(f, "%s.%06ld ", when, p->at.tv_nsec / 1000);
	print_why(f, p);
	fprintf(f, ", %" PRIu32 " bytes", p->len);
	if (p->key) {
		fputs(", ", f);
		print_key(f, p->key, st);
	}
	fputc('\n', f);
}

static void add_text(cJSON *o, const char *name, const struct ox_drop_info *p,
		     void (*print)(FILE *, const struct ox_drop_info *))
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	print(f, p);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
}

static void print_hex(FILE *f, const struct ox_drop_info *p)
{
	const uint8_t *b = mnl_attr_get_payload(p->packet);

	for (uint32_t i = 0; i < mnl_attr_get_payload_len(p->packet); i++)
		fprintf(f, "%02x", b[i]);
}

cJSON *ox_drop_json(const struct ox_drop_info *p, const struct ox_odp_style *st)
{
	const char *kernel = ox_reason_kernel_name(p->reason);
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(
		o, "time", (double)p->at.tv_sec + (double)p->at.tv_nsec / 1e9);
	cJSON_AddStringToObject(o, "dp", p->dp);
	if (p->port_no != OX_NONE) {
		cJSON_AddNumberToObject(o, "port_no", p->port_no);
		cJSON_AddStringToObject(o, "port", p->port);
	}
	cJSON_AddStringToObject(o, "reason", p->reason);
	if (kernel)
		cJSON_AddStringToObject(o, "kernel_reason", kernel);
	cJSON_AddStringToObject(o, "tier", p->tier);
	if (p->ufid)
		add_text(o, "ufid", p, print_ufid);
	cJSON_AddNumberToObject(o, "len", p->len);
	if (p->key)
		cJSON_AddItemToObject(
			o, "key",
			ox_odp_json_key(mnl_attr_get_payload(p->key),
					mnl_attr_get_payload_len(p->key), NULL,
					0, st));
	add_text(o, "packet", p, print_hex);
	return o;
}

static bool is_l3(const struct ox_drop_info *p)
{
	const struct nlattr *tb[OVS_KEY_ATTR_MAX + 1];

	if (!p->key)
		return false;
	ox_nest_attrs(p->key, tb, OVS_KEY_ATTR_MAX);
	return !tb[OVS_KEY_ATTR_ETHERNET];
}

int ox_drop_write(struct ox_pcapng *w, const struct ox_drop_info *p)
{
	_cleanup_free_ char *comment = NULL;
	struct ox_pcapng_pkt pkt = {
		.time_ns = (uint64_t)p->at.tv_sec * 1000000000 +
			   (uint64_t)p->at.tv_nsec,
		.data = mnl_attr_get_payload(p->packet),
		.kept = mnl_attr_get_payload_len(p->packet),
		.len = p->len,
		.l3 = is_l3(p),
	};
	char iface[48];
	size_t size;
	FILE *f = open_memstream(&comment, &size);

	if (!f)
		return -ENOMEM;
	print_why(f, p);
	if (fclose(f))
		return -ENOMEM;
	snprintf(iface, sizeof(iface), "%s:%s", p->dp,
		 p->port_no == OX_NONE ? "?" : p->port);
	pkt.iface = iface;
	pkt.comment = comment;
	return ox_pcapng_put(w, &pkt);
}

uint64_t ox_drop_missing(struct ox_drop_count *c, uint64_t counted)
{
	uint64_t known = c->base + c->seen + c->missing;

	if (counted <= known)
		return 0;
	c->missing += counted - known;
	return counted - known;
}
