// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ovsxdpctl without a daemon: the command line, its errors and exit status,
 * and what messages become in text and JSON.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "control/ctl/ctl.h"
#include "control/ctl/top.h"
#include "ovsxdp/nl.h"

struct result {
	int status;
	char *out, *err; /* owned */
};

static struct result run(const char *line)
{
	char copy[512], *argv[16], *save = NULL;
	size_t n_out, n_err;
	struct result r;
	FILE *out = open_memstream(&r.out, &n_out);
	FILE *err = open_memstream(&r.err, &n_err);
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w && argc < 15;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	r.status = ox_ctl_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return r;
}

static void result_free(struct result *r)
{
	free(r->out);
	free(r->err);
}

static void usage(void **state)
{
	static const struct {
		const char *line;
		const char *text;
	} bad[] = {
		{ "ovsxdpctl", "no command" },
		{ "ovsxdpctl frobnicate", "unknown command 'frobnicate'\n" },
		{ "ovsxdpctl dump-flow", "did you mean 'dump-flows'?" },
		{ "ovsxdpctl shwo", "did you mean 'show'?" },
		{ "ovsxdpctl --jsn show", "'--jsn'; did you mean '--json'?" },
		{ "ovsxdpctl --xyzzy show", "missing value: '--xyzzy'\n" },
		{ "ovsxdpctl show --timeout", "'--timeout' needs a value" },
		{ "ovsxdpctl add-dp", "add-dp: too few arguments" },
		{ "ovsxdpctl del-dp a b", "del-dp: too many arguments" },
		{ "ovsxdpctl --upcalls show",
		  "show: it doesn't take --upcalls" },
		{ "ovsxdpctl --json del-dp a",
		  "del-dp: it doesn't take --json" },
		{ "ovsxdpctl --foo show", "'--foo'" },
		{ "ovsxdpctl -t x show", "--timeout: 'x' is not a time" },
		{ "ovsxdpctl -i nan top", "--interval: 'nan' is not a time" },
		{ "ovsxdpctl --portid -1 show", "'-1' is not a number" },
		{ "ovsxdpctl add-dp dp0 colour=red", "unknown parameter" },
		{ "ovsxdpctl add-dp dp0 max-flows=x", "'x' is not a number" },
		{ "ovsxdpctl add-dp dp0 features=x", "unknown feature 'x'" },
		{ "ovsxdpctl set-dp dp0 max-flows=1", "can't be set" },
		{ "ovsxdpctl set-dp dp0 redirect-peer=1", "is on or off" },
		{ "ovsxdpctl --tiers show", "show: it doesn't take --tiers" },
		{ "ovsxdpctl -n 3 stats", "stats: it doesn't take --count" },
		{ "ovsxdpctl -w x monitor",
		  "monitor: it doesn't take --port, --reason or --write" },
		{ "ovsxdpctl drops --reason meterr", "did you mean 'meter'?" },
		{ "ovsxdpctl drops --reason to_skb",
		  "no packet is dropped for 'to_skb'" },
		{ "ovsxdpctl drops -j -w x",
		  "--json and --write exclude each other" },
		{ "ovsxdpctl --count x top", "--count: 'x' is not a number" },
		{ "ovsxdpctl add-dp dp0 colour=red", "there are max-flows" },
		{ "ovsxdpctl add-dp dp345678901234567",
		  "has 17 characters; a device's name has 1 to 15" },
		{ "ovsxdpctl add-dp dp0 p1,mode=fast", "unknown mode 'fast'" },
		{ "ovsxdpctl frobnicate", "Try: ovsxdpctl --help\n" },
		{ "ovsxdpctl -s", "no command" },
		{ "ovsxdpctl dump-conntrack 5", "'5' is not zone=NUMBER" },
		{ "ovsxdpctl dump-conntrack zone=65536",
		  "'65536' is not a number from 0 to 65535" },
		{ "ovsxdpctl flush-conntrack ct_nw_proto=6 zone=5",
		  "the zone comes first" },
		{ "ovsxdpctl flush-conntrack tcp", "'tcp' is not FIELD=VALUE" },
		{ "ovsxdpctl flush-conntrack ct_nw_src=10.0.0",
		  "IPv4 address" },
		{ "ovsxdpctl flush-conntrack ct_tp_src=x",
		  "'x' is not a number" },
		{ "ovsxdpctl flush-conntrack ct_label=1", "ct_ipv6_src" },
		{ "ovsxdpctl ct-set-limits 5", "neither default=LIMIT" },
		{ "ovsxdpctl ct-set-limits zone=5", "zone=N,limit=LIMIT" },
		{ "ovsxdpctl ct-del-limits 5", "zone=NUMBER[,NUMBER]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct result r = run(bad[i].line);

		if (r.status != 2 || !strstr(r.err, bad[i].text))
			fail_msg("%s: %d, %s", bad[i].line, r.status, r.err);
		result_free(&r);
	}
}

static void timeout_by_environment(void **state)
{
	struct result r;

	(void)state;
	setenv("OVSXDP_TIMEOUT", "soon", 1);
	r = run("ovsxdpctl show");
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(r.err, "OVSXDP_TIMEOUT: 'soon' is not a time"));
	result_free(&r);
	setenv("OVSXDP_TIMEOUT", "5", 1);
	r = run("ovsxdpctl --version");
	assert_int_equal(r.status, 0);
	result_free(&r);
	unsetenv("OVSXDP_TIMEOUT");
}

static void help(void **state)
{
	struct result r = run("ovsxdpctl --help");

	(void)state;
	assert_int_equal(r.status, 0);
	for (const struct ox_ctl_cmd *c = ox_ctl_cmds; c->name; c++) {
		char line[64];
		struct result one;

		assert_non_null(strstr(r.out, c->name));
		snprintf(line, sizeof(line), "ovsxdpctl %s --help", c->name);
		one = run(line);
		assert_int_equal(one.status, 0);
		assert_non_null(strstr(one.out, c->help));
		result_free(&one);
	}
	result_free(&r);
	r = run("ovsxdpctl -V");
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out, "ovsxdpctl " OX_VERSION "\n");
	result_free(&r);
}

static void no_daemon(void **state)
{
	struct result r;

	(void)state;
	if (geteuid())
		ox_skip("needs root to send to a netlink port id");
	/* a port id that nobody has */
	r = run("ovsxdpctl --portid 0x7ffffff1 show");
	assert_int_equal(r.status, 1);
	assert_string_equal(r.err, "ovsxdpctl: ovsxdpd isn't running in this "
				   "network namespace; start it with: "
				   "ovsxdpd --detach\n");
	result_free(&r);
}

/* An older version is an older client to the daemon, which then clears user
 * features. */
static void versions(void **state)
{
	static const struct {
		uint16_t family;
		uint8_t version;
	} want[] = {
		{ OX_GENL_DATAPATH, 2 }, { OX_GENL_VPORT, 1 },
		{ OX_GENL_FLOW, 1 },	 { OX_GENL_PACKET, 1 },
		{ OX_GENL_METER, 1 },	 { OX_GENL_OVSXDP, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct genlmsghdr *g;
		struct ox_msg m;

		ox_msg_begin(&m, want[i].family, 0, 1, 0);
		g = mnl_nlmsg_get_payload(&m.nlh);
		assert_int_equal(g->version, want[i].version);
	}
}

static void reasons(void **state)
{
	static const char *const want = "  drops:\n"
					"    over_mtu           3\n"
					"  events:\n"
					"    to_skb             7\n"
					"  others:\n"
					"    of_tomorrow        1\n";
	static const struct ox_dp_private p = {
		.n_reasons = 4,
		.reasons = { { "to_skb", 7 },
			     { "flow_drop", 0 },
			     { "of_tomorrow", 1 },
			     { "over_mtu", 3 } },
	};
	static const struct ox_dp_private none = { 0 };
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	ox_reasons_print(f, &p, false);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
	f = open_memstream(&text, &n);
	ox_reasons_print(f, &p, true);
	fclose(f);
	assert_non_null(strstr(text, "    flow_drop          0            the "
				     "flow's list of actions is empty\n"));
	free(text);
	f = open_memstream(&text, &n);
	ox_reasons_print(f, &none, false);
	fclose(f);
	assert_string_equal(text, "  drops: none\n  events: none\n");
	free(text);
	assert_true(ox_reasons_dropped(&p) == 3);
}

static void attr_names(void **state)
{
	struct ox_msg m;
	uint32_t at;

	(void)state;
	ox_msg_begin(&m, OX_GENL_FLOW, 0, OVS_FLOW_CMD_NEW, 1);
	at = m.nlh.nlmsg_len;
	ox_msg_put_u32(&m, OVS_FLOW_ATTR_KEY, 0);
	ox_msg_put_u32(&m, 77, 0);
	assert_string_equal(ox_msg_attr_at(&m, at), "OVS_FLOW_ATTR_KEY");
	assert_string_equal(ox_msg_attr_at(&m, at + 4), "OVS_FLOW_ATTR_KEY");
	assert_null(ox_msg_attr_at(&m, at + 8));
	assert_null(ox_msg_attr_at(&m, at + 16));
	assert_null(ox_msg_attr_at(&m, 0));
	ox_msg_begin(&m, OX_GENL_DATAPATH, 0, OVS_DP_CMD_NEW, 0);
	ox_msg_put_str(&m, OVS_DP_ATTR_NAME, "dp0");
	assert_string_equal(ox_msg_attr_at(&m, at), "OVS_DP_ATTR_NAME");
}

static void note(void **state)
{
	struct ox_ctl ctl = { 0 };

	(void)state;
	ox_ctl_note(&ctl, "%s stays", "dp0");
	assert_string_equal(ctl.err.msg, "dp0 stays");
	ox_err_set(&ctl.err, -ENODEV, "no device nosuch0");
	ox_ctl_note(&ctl, "%s was deleted again", "dp0");
	assert_string_equal(ctl.err.msg,
			    "no device nosuch0; dp0 was deleted again");
	assert_int_equal(ctl.err.code, -ENODEV);
}

static void error_text(void **state)
{
	char *argv[] = { (char *)"dp0", (char *)"eth7" }, *text;
	struct ox_err e = { .msg = "no device eth7" };
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	ox_ctl_print_error(f, "add-if", 2, argv, -ENODEV, &e);
	fclose(f);
	assert_string_equal(text, "ovsxdpctl: add-if dp0 eth7: No such device "
				  "(ENODEV): no device eth7\n");
	free(text);
}

static void features(void **state)
{
	struct ox_err e = { 0 };
	uint32_t v;

	(void)state;
	assert_int_equal(ox_dp_features_parse("unaligned+vport-pids", &v, &e),
			 0);
	assert_int_equal(v, OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS);
	assert_int_equal(ox_dp_features_parse("0x10", &v, &e), 0);
	assert_int_equal(v, 0x10);
	assert_int_equal(ox_dp_features_parse("", &v, &e), 0);
	assert_int_equal(v, 0);
}

static void lists(void **state)
{
	uint32_t v[3], n;
	struct ox_err e = { 0 };

	(void)state;
	assert_int_equal(ox_arg_u32_list("1:0x2:3", v, 3, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_int_equal(v[1], 2);
	assert_int_equal(ox_arg_u32_list("1:2:3:4", v, 3, &n, &e),
			 OX_CTL_USAGE);
	assert_int_equal(ox_arg_u32_list("1::2", v, 3, &n, &e), OX_CTL_USAGE);
	assert_int_equal(ox_arg_u32("4294967296", UINT32_MAX, v, &e),
			 OX_CTL_USAGE);
}

static void request_bytes(void **state)
{
	const struct ovs_header *ovs;
	const struct nlattr *a;
	struct ox_msg m;

	(void)state;
	ox_msg_begin(&m, OX_GENL_FLOW, NLM_F_ACK, OVS_FLOW_CMD_DEL, 42);
	ox_msg_put_u32(&m, OVS_FLOW_ATTR_UFID_FLAGS, 7);
	assert_false(m.overflow);
	assert_int_equal(m.nlh.nlmsg_type, OX_GENL_FLOW);
	assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(m.nlh.nlmsg_len, 16 + 4 + 4 + 8);
	ovs = mnl_nlmsg_get_payload_offset(&m.nlh, GENL_HDRLEN);
	assert_int_equal(ovs->dp_ifindex, 42);
	a = (const void *)(ovs + 1);
	assert_int_equal(a->nla_type, OVS_FLOW_ATTR_UFID_FLAGS);
	assert_int_equal(mnl_attr_get_u32(a), 7);
	for (int i = 0; i < 9000; i++)
		ox_msg_put_u32(&m, OVS_FLOW_ATTR_UFID_FLAGS, 7);
	assert_true(m.overflow);
}

/* A flow as the daemon would report it. */
static void flow_msg(struct ox_msg *m, bool used)
{
	struct ovs_flow_stats st = { .n_packets = 3, .n_bytes = 180 };
	struct ox_odp_flow fl;
	uint64_t ms = 1;
	uint8_t flags = 0x12;

	assert_int_equal(ox_odp_parse_flow("in_port(1),eth_type(0x0800),"
					   "ipv4(proto=6),tcp(dst=80)",
					   NULL, &fl, NULL),
			 0);
	ox_msg_begin(m, OX_GENL_FLOW, 0, OVS_FLOW_CMD_NEW, 4);
	ox_msg_put(m, OVS_FLOW_ATTR_UFID, "\1\2", 2);
	ox_msg_put(m, OVS_FLOW_ATTR_KEY, ox_odp_attrs_data(&fl.key),
		   ox_odp_attrs_len(&fl.key));
	ox_msg_put(m, OVS_FLOW_ATTR_MASK, ox_odp_attrs_data(&fl.mask),
		   ox_odp_attrs_len(&fl.mask));
	ox_msg_put(m, OVS_FLOW_ATTR_STATS, &st, sizeof(st));
	ox_msg_put(m, OVS_FLOW_ATTR_TCP_FLAGS, &flags, 1);
	if (used)
		ox_msg_put(m, OVS_FLOW_ATTR_USED, &ms, sizeof(ms));
	ox_msg_put(m, OVS_FLOW_ATTR_ACTIONS, NULL, 0);
}

static void flow_text(void **state)
{
	struct ox_odp_style st = { 0 };
	struct ox_flow_info fl;
	struct ox_msg m;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	flow_msg(&m, false);
	ox_flow_info_read(&m.nlh, &fl);
	assert_int_equal(fl.dp_ifindex, 4);
	ox_flow_print(f, &fl, &st);
	fclose(f);
	assert_string_equal(text, "in_port(1),eth_type(0x0800),"
				  "ipv4(proto=6),tcp(dst=80), packets:3, "
				  "bytes:180, used:never, flags:S., "
				  "actions:drop");
	free(text);
}

static void flow_json(void **state)
{
	struct ox_odp_style st = { 0 };
	struct ox_flow_info fl;
	struct ox_msg m;
	char *text;
	cJSON *o;

	(void)state;
	flow_msg(&m, false);
	ox_flow_info_read(&m.nlh, &fl);
	o = ox_flow_json(&fl, &st);
	text = cJSON_PrintUnformatted(o);
	assert_string_equal(
		text,
		"{\"ufid\":\"ufid:0102\",\"match\":\"in_port(1),"
		"eth_type(0x0800),ipv4(proto=6),tcp(dst=80)\",\"key\":{"
		"\"in_port\":{\"value\":1},\"eth_type\":{\"value\":2048},"
		"\"ipv4\":{\"proto\":{\"value\":6}},\"tcp\":{\"dst\":{"
		"\"value\":80}}},\"packets\":3,\"bytes\":180,"
		"\"idle_ms\":null,\"tcp_flags\":18,\"actions\":\"drop\"}");
	cJSON_free(text);
	cJSON_Delete(o);
	flow_msg(&m, true);
	ox_flow_info_read(&m.nlh, &fl);
	o = ox_flow_json(&fl, &st);
	assert_true(cJSON_GetObjectItem(o, "idle_ms")->valuedouble > 1);
	cJSON_Delete(o);
}

static void dp_json(void **state)
{
	struct ovs_dp_stats st = { .n_hit = 5, .n_missed = 2, .n_flows = 1 };
	struct ox_dp_info dp;
	struct ox_msg m;
	char *text;
	cJSON *o;

	(void)state;
	ox_msg_begin(&m, OX_GENL_DATAPATH, 0, OVS_DP_CMD_NEW, 9);
	ox_msg_put_str(&m, OVS_DP_ATTR_NAME, "dp0");
	ox_msg_put(&m, OVS_DP_ATTR_STATS, &st, sizeof(st));
	ox_msg_put_u32(&m, OVS_DP_ATTR_MASKS_CACHE_SIZE, 256);
	ox_msg_put_u32(&m, OVS_DP_ATTR_USER_FEATURES, OVS_DP_F_VPORT_PIDS);
	ox_dp_info_read(&m.nlh, &dp);
	o = ox_dp_json(&dp);
	text = cJSON_PrintUnformatted(o);
	assert_string_equal(text, "{\"name\":\"dp0\",\"ifindex\":9,\"hit\":5,"
				  "\"missed\":2,\"lost\":0,\"flows\":1,"
				  "\"mask_hit\":0,\"masks\":0,\"cache_hit\":0,"
				  "\"masks_cache_size\":256,\"upcall_pid\":0,"
				  "\"features\":[\"vport-pids\"]}");
	cJSON_free(text);
	cJSON_Delete(o);
}

static void port_json(void **state)
{
	struct ovs_vport_stats st = { .rx_packets = 7 };
	uint32_t pids[2] = { 3, 4 };
	struct ox_port_info p;
	struct ox_msg m;
	char *text;
	cJSON *o;

	(void)state;
	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_NEW, 9);
	ox_msg_put_str(&m, OVS_VPORT_ATTR_NAME, "eth7");
	ox_msg_put_u32(&m, OVS_VPORT_ATTR_PORT_NO, 2);
	ox_msg_put_u32(&m, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	ox_msg_put(&m, OVS_VPORT_ATTR_UPCALL_PID, pids, sizeof(pids));
	ox_msg_put(&m, OVS_VPORT_ATTR_STATS, &st, sizeof(st));
	ox_port_info_read(&m.nlh, &p);
	assert_int_equal(p.n_pids, 2);
	o = ox_port_json(&p);
	text = cJSON_PrintUnformatted(o);
	assert_string_equal(text,
			    "{\"port_no\":2,\"name\":\"eth7\",\"type\":"
			    "\"netdev\",\"ifindex\":0,\"upcalls\":0,"
			    "\"upcalls_failed\":0,\"upcall_pids\":[3,4],"
			    "\"stats\":{\"rx_packets\":7,\"tx_packets\":0,"
			    "\"rx_bytes\":0,\"tx_bytes\":0,\"rx_errors\":0,"
			    "\"tx_errors\":0,\"rx_dropped\":0,"
			    "\"tx_dropped\":0}}");
	cJSON_free(text);
	cJSON_Delete(o);
}

static void modes(void **state)
{
	uint32_t mode;

	(void)state;
	for (uint32_t i = OX_MODE_AUTO; i <= OX_MODE_TC; i++) {
		assert_int_equal(
			ox_port_mode_parse(ox_port_mode_name(i), &mode), 0);
		assert_int_equal(mode, i);
	}
	assert_int_equal(ox_port_mode_parse("native", &mode), -EINVAL);
	assert_string_equal(ox_port_mode_name(OX_MODE_TC), "tc");
	assert_string_equal(ox_port_mode_name(OX_MODE_TC + 1), "unknown");
}

/* The ingress port of a flow, where it is matched exactly. */
static void in_port(void **state)
{
	static const struct {
		const char *flow;
		uint32_t no;
	} cases[] = {
		{ "in_port(7),eth_type(0x0800)", 7 },
		{ "in_port(7/0xff),eth_type(0x0800)", OX_NONE },
		{ "eth_type(0x0800)", OX_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ox_flow_info fl;
		struct ox_odp_flow odp;
		struct ox_msg m;

		assert_int_equal(
			ox_odp_parse_flow(cases[i].flow, NULL, &odp, NULL), 0);
		ox_msg_begin(&m, OX_GENL_FLOW, 0, OVS_FLOW_CMD_NEW, 4);
		ox_msg_put(&m, OVS_FLOW_ATTR_KEY, ox_odp_attrs_data(&odp.key),
			   ox_odp_attrs_len(&odp.key));
		ox_msg_put(&m, OVS_FLOW_ATTR_MASK, ox_odp_attrs_data(&odp.mask),
			   ox_odp_attrs_len(&odp.mask));
		ox_flow_info_read(&m.nlh, &fl);
		assert_int_equal(ox_flow_in_port(&fl), cases[i].no);
	}
}

/* Messages that are too short or hold too much don't do harm. */
static void odd_messages(void **state)
{
	uint32_t pids[OX_PORT_PIDS + 5] = { 0 };
	struct ox_flow_info fl;
	struct ox_port_info p;
	struct ox_dp_info dp;
	struct ox_msg m;

	(void)state;
	mnl_nlmsg_put_header(m.room);
	ox_dp_info_read(&m.nlh, &dp);
	assert_string_equal(dp.name, "");
	ox_flow_info_read(&m.nlh, &fl);
	assert_null(fl.key);
	assert_int_equal(ox_msg_dp(&m.nlh), 0);
	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_NEW, 1);
	ox_msg_put(&m, OVS_VPORT_ATTR_UPCALL_PID, pids, sizeof(pids));
	ox_msg_put_str(&m, OVS_VPORT_ATTR_NAME,
		       "a-name-that-is-too-long-for-a-device");
	ox_msg_put(&m, OVS_VPORT_ATTR_STATS, "x", 1);
	ox_msg_put(&m, OVS_VPORT_ATTR_PORT_NO, "x", 1);
	ox_port_info_read(&m.nlh, &p);
	assert_int_equal(p.n_pids, OX_PORT_PIDS);
	assert_int_equal(strlen(p.name), 15);
	assert_int_equal(p.no, OX_NONE);
}

static void top_grown(void **state)
{
	struct ox_top_count counts[3] = { { 1, 5, 50 },
					  { 4, 6, 60 },
					  { 9, 7, 70 } };
	struct ox_top_sample s = { .counts = counts, .n_counts = 3 };

	(void)state;
	assert_int_equal(ox_top_find(&s, 4)->packets, 6);
	assert_null(ox_top_find(&s, 5));
	assert_null(ox_top_find(NULL, 5));
	assert_int_equal(ox_top_grown(7, 5), 2);
	/* cleared meanwhile */
	assert_int_equal(ox_top_grown(1, 5), 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctl.usage", usage),
	OX_TEST("unit.ctl.timeout_by_environment", timeout_by_environment),
	OX_TEST("unit.ctl.help", help),
	OX_TEST("unit.ctl.no_daemon", no_daemon),
	OX_TEST("unit.ctl.error_text", error_text),
	OX_TEST("unit.ctl.features", features),
	OX_TEST("unit.ctl.lists", lists),
	OX_TEST("unit.ctl.request_bytes", request_bytes),
	OX_TEST("unit.ctl.flow_text", flow_text),
	OX_TEST("unit.ctl.flow_json", flow_json),
	OX_TEST("unit.ctl.dp_json", dp_json),
	OX_TEST("unit.ctl.port_json", port_json),
	OX_TEST("unit.ctl.modes", modes),
	OX_TEST("unit.ctl.in_port", in_port),
	OX_TEST("unit.ctl.odd_messages", odd_messages),
	OX_TEST("unit.ctl.top_grown", top_grown),
	OX_TEST("unit.ctl.versions", versions),
	OX_TEST("unit.ctl.note", note),
	OX_TEST("unit.ctl.attr_names", attr_names),
	OX_TEST("unit.ctl.reasons", reasons),
};

OX_TEST_MAIN(tests)
