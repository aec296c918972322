// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_linger.c - flows that a flush left to the packets for some time: in
 * the data plane they are flows like any other, for the table's users they
 * are gone. The mark is in the uflow, so that the next daemon knows.
 */
#include <string.h>

#include "control/flow/table_int.h"

/* Does a flow's list have an op of this code, in whatever branch, for whose
 * argument is() holds? */
static bool has_op(const struct ox_table *t, uint32_t flow, uint8_t code,
		   bool (*is)(const struct ox_table *t, uint32_t arg,
			      uint32_t want),
		   uint32_t want)
{
	uint64_t action = ox_mem_flow(t->m, flow)->action;
	uint32_t slot = ox_mem_uflow(t->m, flow)->acts, left;
	const struct ox_acts *a = ox_mem_acts(t->m, slot);

	if (slot == OX_NONE || !a)
		return code == OX_OP_OUTPUT &&
		       OX_ACTION_KIND(action) == OX_ACT_OUTPUT &&
		       is(t, OX_ACTION_ARG(action), want);
	for (left = a->n_ops; a; a = ox_mem_acts(t->m, a->next)) {
		for (int i = 0; left && i < OX_ACTS_OPS; i++, left--)
			if (a->ops[i].code == code &&
			    is(t, a->ops[i].arg, want))
				return true;
	}
	return false;
}

static bool is_any(const struct ox_table *t, uint32_t arg, uint32_t want)
{
	(void)t, (void)arg, (void)want;
	return true;
}

static bool is_equal(const struct ox_table *t, uint32_t arg, uint32_t want)
{
	(void)t;
	return arg == want;
}

/* A packet that a flow drops, or only tells user space of, is as well off
 * without it: then the flow's next owner decides. */
static bool worth_lingering(const struct ox_table *t, uint32_t flow)
{
	return !(ox_mem_uflow(t->m, flow)->flags & OX_UFLOW_PROBE) &&
	       (has_op(t, flow, OX_OP_OUTPUT, is_any, 0) ||
		has_op(t, flow, OX_OP_RECIRC, is_any, 0));
}

/* Takes masks that have lost their last flow out of the scan. */
static void scan_tidy(struct ox_table *t)
{
	if (t->n_unused)
		ox_scan_rebuild(t);
}

static void linger_one(struct ox_table *t, uint32_t f)
{
	struct ox_uflow *u = ox_mem_uflow(t->m, f);

	if (u->flags & OX_UFLOW_LINGER)
		return;
	if (!worth_lingering(t, f)) {
		ox_table_unlink(t, f);
		return;
	}
	ox_publish(&u->flags, (uint8_t)(u->flags | OX_UFLOW_LINGER));
	t->n_linger++;
	t->generation++;
}

bool ox_table_linger_step(struct ox_table *t, uint32_t *at)
{
	if (ox_table_step(t, at, linger_one))
		return true;
	scan_tidy(t);
	return false;
}

void ox_table_linger(struct ox_table *t)
{
	uint32_t at = 0;

	while (ox_table_linger_step(t, &at))
		;
}

static void linger_end_one(struct ox_table *t, uint32_t f)
{
	if (ox_flow_lingers(t, f))
		ox_table_unlink(t, f);
}

bool ox_table_linger_end_step(struct ox_table *t, uint32_t *at)
{
	if (t->n_linger && ox_table_step(t, at, linger_end_one))
		return true;
	scan_tidy(t);
	return false;
}

void ox_table_linger_end(struct ox_table *t)
{
	uint32_t at = 0;

	while (ox_table_linger_end_step(t, &at))
		;
}

/* ---- ports that go ---- */

static bool is_gone(const struct ox_table *t, uint32_t port_no, uint32_t want)
{
	(void)want;
	return port_no < t->m->config->max_ports &&
	       t->gone_ports[port_no / 64] >> (port_no % 64) & 1;
}

static void gone_ports_one(struct ox_table *t, uint32_t f)
{
	if (ox_flow_lingers(t, f) &&
	    (is_gone(t, ox_mem_uflow(t->m, f)->key.in_port, 0) ||
	     has_op(t, f, OX_OP_OUTPUT, is_gone, 0)))
		ox_table_unlink(t, f);
}

bool ox_table_linger_port(struct ox_table *t, uint32_t port_no)
{
	if (!t->n_linger)
		return false;
	t->gone_ports[port_no / 64] |= 1ull << (port_no % 64);
	t->gone_at = 0;
	return true;
}

bool ox_table_linger_port_step(struct ox_table *t)
{
	if (t->n_linger && ox_table_step(t, &t->gone_at, gone_ports_one))
		return true;
	memset(t->gone_ports, 0, OX_GONE_PORTS_SIZE(t));
	scan_tidy(t);
	return false;
}

bool ox_table_linger_names(const struct ox_table *t, uint32_t port_no)
{
	return t->n_linger && is_gone(t, port_no, 0);
}

/* ---- recirculation ---- */

/* Flows for packets recirculated with this id, and those that do it. */
static void recirc_end(struct ox_table *t, uint32_t id)
{
	uint32_t f = 0;

	for (; id && (f = ox_table_next_lingering(t, f)) != OX_NONE; f++)
		if (ox_mem_uflow(t->m, f)->key.recirc_id == id ||
		    has_op(t, f, OX_OP_RECIRC, is_equal, id))
			ox_table_unlink(t, f);
}

/*
 * The new owner numbers recirculations anew: an id that it uses means what it
 * says, so that no packet goes half of its way by old flows.
 */
void ox_linger_before(struct ox_table *t, const struct ox_flow_spec *spec)
{
	const struct ox_actions *a = spec->actions;

	recirc_end(t, spec->key.recirc_id);
	for (uint32_t i = 0; a && i < a->n_ops; i++)
		if (a->ops[i].code == OX_OP_RECIRC)
			recirc_end(t, a->ops[i].arg);
}

static bool same_id(const struct ox_table *t, uint32_t flow,
		    const struct ox_flow_spec *spec)
{
	const struct ox_uflow *u = ox_mem_uflow(t->m, flow);

	if (u->ufid_len != spec->ufid_len)
		return false;
	if (u->ufid_len)
		return !memcmp(u->ufid, spec->ufid, u->ufid_len);
	return !memcmp(&u->key, &spec->key, sizeof(u->key)) &&
	       ox_tun_same(t, flow, &spec->tun);
}

/* Of this identity; and those that the module, had they not been flushed,
 * would have found in the way. The new flow is there before they go: packets
 * meet one or the other. */
void ox_linger_replace(struct ox_table *t, const struct ox_flow_spec *spec)
{
	uint32_t f, next;

	f = ox_index_first(
		&t->by_id,
		ox_table_id_hash(t, spec->ufid, spec->ufid_len, &spec->key));
	for (; f != OX_NONE; f = next) {
		next = ox_index_next(&t->by_id, f);
		if (ox_flow_lingers(t, f) && same_id(t, f, spec))
			ox_table_unlink(t, f);
	}
	while (t->n_linger &&
	       (f = ox_table_match(t, &spec->key, &spec->tun, true)) != OX_NONE)
		ox_table_unlink(t, f);
	if (t->spare_clean)
		scan_tidy(t);
}
