// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_format.c - a connection in words, and in JSON.
 */
#include "control/ctl/ct.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "ovsxdp/abi/ct.h"

static const struct {
	uint8_t proto;
	const char *name;
} protos[] = {
	{ IPPROTO_ICMP, "icmp" }, { IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },	  { IPPROTO_DCCP, "dccp" },
	{ IPPROTO_GRE, "gre" },	  { IPPROTO_ICMPV6, "icmpv6" },
	{ IPPROTO_SCTP, "sctp" }, { IPPROTO_UDPLITE, "udplite" },
};

const char *ox_ct_proto_name(uint8_t proto, char text[8])
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(*protos); i++)
		if (protos[i].proto == proto)
			return protos[i].name;
	snprintf(text, 8, "%u", proto);
	return text;
}

static const char *state_name(uint8_t proto, uint8_t state)
{
	static const char *const tcp[] = {
		"NONE",	    "SYN_SENT",	  "SYN_RECV", "ESTABLISHED",
		"FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
		"CLOSE",    "SYN_SENT2",
	};
	static const char *const sctp[] = {
		"NONE",		  "CLOSED",
		"COOKIE_WAIT",	  "COOKIE_ECHOED",
		"ESTABLISHED",	  "SHUTDOWN_SENT",
		"SHUTDOWN_RECD",  "SHUTDOWN_ACK_SENT",
		"HEARTBEAT_SENT",
	};
	static const char *const dccp[] = {
		"NONE", "REQUEST",  "RESPOND", "PARTOPEN",
		"OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT",
	};

#define NAME(of) (state < sizeof(of) / sizeof(*(of)) ? (of)[state] : "?")
	if (proto == IPPROTO_TCP)
		return NAME(tcp);
	return proto == IPPROTO_SCTP ? NAME(sctp) : NAME(dccp);
#undef NAME
}

static const struct {
	uint32_t bit;
	const char *name;
} status_bits[] = {
	{ OX_IPS_EXPECTED, "EXPECTED" },
	{ OX_IPS_SEEN_REPLY, "SEEN_REPLY" },
	{ OX_IPS_ASSURED, "ASSURED" },
	{ OX_IPS_CONFIRMED, "CONFIRMED" },
	{ OX_IPS_SRC_NAT, "SRC_NAT" },
	{ OX_IPS_DST_NAT, "DST_NAT" },
	{ OX_IPS_SEQ_ADJUST, "SEQ_ADJUST" },
	{ OX_IPS_SRC_NAT_DONE, "SRC_NAT_DONE" },
	{ OX_IPS_DST_NAT_DONE, "DST_NAT_DONE" },
	{ OX_IPS_DYING, "DYING" },
	{ OX_IPS_FIXED_TIMEOUT, "FIXED_TIMEOUT" },
	{ OX_IPS_HELPER, "HELPER" },
};
#define N_STATUS (sizeof(status_bits) / sizeof(*status_bits))

static void labels_text(const uint8_t *labels, char out[36])
{
	static const char digit[] = "0123456789abcdef";
	int i, at = 2;

	out[0] = '0';
	out[1] = 'x';
	/* the last byte is the highest */
	for (i = 15; i > 0 && !labels[i]; i--)
		;
	for (; i >= 0; i--) {
		if (at > 2 || labels[i] >> 4)
			out[at++] = digit[labels[i] >> 4];
		out[at++] = digit[labels[i] & 15];
	}
	out[at] = '\0';
}

static bool is_icmp(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/* ---- words ---- */

static void print_tuple(FILE *f, const struct ox_ctnl_tuple *t)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	inet_ntop(t->l3, t->src, src, sizeof(src));
	inet_ntop(t->l3, t->dst, dst, sizeof(dst));
	fprintf(f, "src=%s,dst=%s", src, dst);
	if (is_icmp(t->proto))
		fprintf(f, ",id=%u,type=%u,code=%u", ntohs(t->sport),
			t->icmp_type, t->icmp_code);
	else if (t->sport || t->dport)
		fprintf(f, ",sport=%u,dport=%u", ntohs(t->sport),
			ntohs(t->dport));
}

static void print_side(FILE *f, const struct ox_ctnl_entry *e,
		       enum ox_ctnl_dir dir, bool statistics)
{
	fprintf(f, ",%s=(", dir ? "reply" : "orig");
	print_tuple(f, &e->tuple[dir]);
	if (statistics && (e->has & OX_CTNL_COUNTERS))
		fprintf(f, ",packets=%" PRIu64 ",bytes=%" PRIu64,
			e->packets[dir], e->bytes[dir]);
	fputc(')', f);
}

static void print_status(FILE *f, uint32_t status)
{
	const char *sep = ",status=";

	for (size_t i = 0; i < N_STATUS; i++) {
		if (!(status & status_bits[i].bit))
			continue;
		fprintf(f, "%s%s", sep, status_bits[i].name);
		sep = "|";
	}
}

void ox_ct_print(FILE *f, const struct ox_ctnl_entry *e, bool statistics,
		 bool more)
{
	char text[8], labels[36];

	fputs(ox_ct_proto_name(e->tuple[0].proto, text), f);
	print_side(f, e, OX_CTNL_ORIG, statistics);
	print_side(f, e, OX_CTNL_REPLY, statistics);
	if (more)
		fprintf(f, ",id=%u", (uint32_t)e->id);
	if (e->zone)
		fprintf(f, ",zone=%u", e->zone);
	if (more)
		print_status(f, e->status);
	if (more)
		fprintf(f, ",timeout=%u", e->timeout);
	if (e->mark)
		fprintf(f, ",mark=%u", e->mark);
	if (e->has & OX_CTNL_LABELS) {
		labels_text(e->labels, labels);
		fprintf(f, ",labels=%s", labels);
	}
	if (e->has & OX_CTNL_PROTOINFO)
		fprintf(f, ",protoinfo=(state=%s)",
			state_name(e->tuple[0].proto, e->proto.state));
	if (e->has & OX_CTNL_HELPER)
		fprintf(f, ",helper=%s", e->helper);
	if (e->has & OX_CTNL_MASTER) {
		fputs(",master=(", f);
		print_tuple(f, &e->master);
		fputc(')', f);
	}
	fputc('\n', f);
}

/* ---- JSON ---- */

static cJSON *tuple_json(const struct ox_ctnl_tuple *t)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	cJSON *o = cJSON_CreateObject();

	inet_ntop(t->l3, t->src, src, sizeof(src));
	inet_ntop(t->l3, t->dst, dst, sizeof(dst));
	cJSON_AddStringToObject(o, "src", src);
	cJSON_AddStringToObject(o, "dst", dst);
	if (is_icmp(t->proto)) {
		cJSON_AddNumberToObject(o, "id", ntohs(t->sport));
		cJSON_AddNumberToObject(o, "type", t->icmp_type);
		cJSON_AddNumberToObject(o, "code", t->icmp_code);
	} else {
		cJSON_AddNumberToObject(o, "sport", ntohs(t->sport));
		cJSON_AddNumberToObject(o, "dport", ntohs(t->dport));
	}
	return o;
}

static cJSON *side_json(const struct ox_ctnl_entry *e, enum ox_ctnl_dir dir)
{
	cJSON *o = tuple_json(&e->tuple[dir]);

	if (e->has & OX_CTNL_COUNTERS) {
		cJSON_AddNumberToObject(o, "packets", (double)e->packets[dir]);
		cJSON_AddNumberToObject(o, "bytes", (double)e->bytes[dir]);
	}
	return o;
}

static cJSON *status_json(uint32_t status)
{
	cJSON *a = cJSON_CreateArray();

	for (size_t i = 0; i < N_STATUS; i++)
		if (status & status_bits[i].bit)
			cJSON_AddItemToArray(
				a, cJSON_CreateString(status_bits[i].name));
	return a;
}

cJSON *ox_ct_json(const struct ox_ctnl_entry *e)
{
	char text[8], labels[36];
	cJSON *o = cJSON_CreateObject();
	uint8_t proto = e->tuple[0].proto;

	labels_text(e->labels, labels);
	cJSON_AddStringToObject(o, "protocol", ox_ct_proto_name(proto, text));
	cJSON_AddItemToObject(o, "orig", side_json(e, OX_CTNL_ORIG));
	cJSON_AddItemToObject(o, "reply", side_json(e, OX_CTNL_REPLY));
	cJSON_AddNumberToObject(o, "id", (uint32_t)e->id);
	cJSON_AddNumberToObject(o, "zone", e->zone);
	cJSON_AddItemToObject(o, "status", status_json(e->status));
	cJSON_AddNumberToObject(o, "timeout", e->timeout);
	cJSON_AddNumberToObject(o, "mark", e->mark);
	cJSON_AddStringToObject(o, "labels", labels);
	if (e->has & OX_CTNL_PROTOINFO)
		cJSON_AddStringToObject(o, "state",
					state_name(proto, e->proto.state));
	if (e->has & OX_CTNL_HELPER)
		cJSON_AddStringToObject(o, "helper", e->helper);
	if (e->has & OX_CTNL_MASTER)
		cJSON_AddItemToObject(o, "master", tuple_json(&e->master));
	return o;
}
