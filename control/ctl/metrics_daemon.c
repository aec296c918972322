// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * metrics_daemon.c - metrics of the daemon itself, and of connection tracking,
 * which all datapaths of a network namespace share.
 */
#include <string.h>

#include "control/ctl/metrics.h"
#include "ovsxdp/abi/ct.h"

static uint64_t count_of(const struct ox_dp_private *p, const char *name)
{
	for (uint32_t i = 0; i < p->n_reasons; i++)
		if (!strcmp(p->reasons[i].name, name))
			return p->reasons[i].count;
	return 0;
}

/* ---- connection tracking ---- */

static const struct {
	const char *count, *name, *help;
} ct_gauges[] = {
	{ "entries", "ovsxdp_conntrack_connections",
	  "Connections that are tracked." },
	{ "max", "ovsxdp_conntrack_connections_limit",
	  "Connections that there is room for." },
	{ "expectations", "ovsxdp_conntrack_expectations",
	  "Connections that helpers expect." },
};

static void print_ct_counts(struct ox_expose *x, const struct ox_metrics *m)
{
	static const struct {
		const char *count, *name, *help;
	} counts[] = {
#define COUNT(id, name, text) { name, "ovsxdp_conntrack_" name, text },
		OX_CT_STATS(COUNT)
#undef COUNT
			{ "event_unread", "ovsxdp_conntrack_event_unread",
			  "events that who listened had no room for" },
	};
	char help[80];

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		snprintf(help, sizeof(help), "Number of %s.", counts[i].help);
		ox_expose_family(x, counts[i].name, OX_COUNTER, help);
		ox_expose_u64(x, count_of(&m->ct, counts[i].count), NULL);
	}
}

static void print_zones(struct ox_expose *x, const struct ox_metrics *m,
			bool limits)
{
	char zone[16];

	for (uint32_t i = 0; i < m->n_zones; i++) {
		const struct ox_metrics_zone *z = &m->zones[i];

		snprintf(zone, sizeof(zone), "%u", z->zone);
		if (!limits)
			ox_expose_u64(x, z->entries, "zone", zone, NULL);
		else if (z->has_limit)
			ox_expose_u64(x, z->limit, "zone", zone, NULL);
	}
}

void ox_metrics_print_ct(struct ox_expose *x, const struct ox_metrics *m)
{
	if (!m->has_ct)
		return;
	for (size_t i = 0; i < sizeof(ct_gauges) / sizeof(*ct_gauges); i++) {
		ox_expose_family(x, ct_gauges[i].name, OX_GAUGE,
				 ct_gauges[i].help);
		ox_expose_u64(x, count_of(&m->ct, ct_gauges[i].count), NULL);
	}
	ox_expose_family(x, "ovsxdp_conntrack_entries", OX_GAUGE,
			 "Connections of a zone; zones without any are left "
			 "out.");
	print_zones(x, m, false);
	ox_expose_family(x, "ovsxdp_conntrack_entries_limit", OX_GAUGE,
			 "Connections that a zone may have, if it has a limit "
			 "of its own; 0 is any number.");
	print_zones(x, m, true);
	print_ct_counts(x, m);
}

/* ---- the daemon ---- */

static const struct {
	const char *count; /* of OX_A_DAEMON */
	const char *name;
	enum ox_expose_type type;
	double unit;
	const char *help;
} counts[] = {
	{ "requests", "ovsxdp_daemon_requests", OX_COUNTER, 1,
	  "Netlink messages that were handled." },
	{ "request_turns", "ovsxdp_daemon_request_turns", OX_COUNTER, 1,
	  "Turns of the event loop that handled requests." },
	{ "requests_refused", "ovsxdp_daemon_requests_refused", OX_COUNTER, 1,
	  "Datagrams of requests that were refused, as too many waited." },
	{ "answers_lost", "ovsxdp_daemon_answers_lost", OX_COUNTER, 1,
	  "Messages to clients that a full queue had no room for." },
	{ "clients_overrun", "ovsxdp_daemon_clients_overrun", OX_COUNTER, 1,
	  "Clients that lost all that waited for them." },
	{ "clients_stuck", "ovsxdp_daemon_clients_stuck", OX_COUNTER, 1,
	  "Clients that were given up, as they didn't read for a minute." },
	{ "requests_waiting_bytes", "ovsxdp_daemon_requests_waiting_bytes",
	  OX_GAUGE, 1, "Bytes of requests that wait." },
	{ "answers_waiting_bytes", "ovsxdp_daemon_answers_waiting_bytes",
	  OX_GAUGE, 1, "Bytes of answers that wait for their readers." },
	{ "requests_put_off", "ovsxdp_daemon_requests_put_off", OX_GAUGE, 1,
	  "Processes whose next request waits for a thread or another "
	  "request." },
	{ "link_events_lost", "ovsxdp_daemon_link_events_lost", OX_COUNTER, 1,
	  "Times that the kernel dropped events of devices, after which all "
	  "ports are looked at." },
	{ "loop_turns", "ovsxdp_daemon_loop_turns", OX_COUNTER, 1,
	  "Turns of the event loop." },
	{ "loop_events", "ovsxdp_daemon_loop_events", OX_COUNTER, 1,
	  "Events of all turns of the event loop." },
	{ "loop_longest_us", "ovsxdp_daemon_loop_longest_seconds", OX_GAUGE,
	  1e-6, "The longest turn of the event loop since the start." },
	{ "loop_longest_events", "ovsxdp_daemon_loop_longest_events", OX_GAUGE,
	  1, "Events that the longest turn had." },
};

static void print_counts(struct ox_expose *x, const struct ox_metrics *m)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		uint64_t v = count_of(&m->daemon, counts[i].count);

		ox_expose_family(x, counts[i].name, counts[i].type,
				 counts[i].help);
		if (counts[i].type == OX_COUNTER)
			ox_expose_u64(x, v, NULL);
		else
			ox_expose(x, (double)v * counts[i].unit, NULL);
	}
}

/* "loop_most_requests" and its like: the word is a label. */
static void print_did(struct ox_expose *x, const struct ox_metrics *m,
		      const char *prefix)
{
	size_t n = strlen(prefix);

	for (uint32_t i = 0; i < m->daemon.n_reasons; i++) {
		const struct ox_dp_reason *r = &m->daemon.reasons[i];

		if (!strncmp(r->name, prefix, n) && strcmp(r->name + n, "us") &&
		    strcmp(r->name + n, "events"))
			ox_expose_u64(x, r->count, "what", r->name + n, NULL);
	}
}

void ox_metrics_print_daemon(struct ox_expose *x, const struct ox_metrics *m)
{
	print_counts(x, m);
	ox_expose_family(x, "ovsxdp_daemon_loop_longest_handled", OX_GAUGE,
			 "What the longest turn handled.");
	print_did(x, m, "loop_longest_");
	ox_expose_family(x, "ovsxdp_daemon_loop_most_handled", OX_GAUGE,
			 "The most that any turn handled.");
	print_did(x, m, "loop_most_");
	ox_expose_family(x, "ovsxdp_scrape_seconds", OX_GAUGE,
			 "How long it took to ask ovsxdpd for all of this.");
	ox_expose(x, m->seconds, NULL);
	ox_expose_family(x, "ovsxdp_tool_info", OX_GAUGE,
			 "The version of the program that wrote this.");
	ox_expose_u64(x, 1, "version", OX_VERSION, NULL);
}
