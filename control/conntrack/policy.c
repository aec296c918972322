// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * policy.c - timeout policies. A changed value shows with the next packet of a
 * connection, as in the kernel. The word that says that a place is taken is
 * written last.
 */
#include "control/conntrack/policy.h"

#include <errno.h>
#include <string.h>

#include "bpf/core/ct_timeout.h"

static bool in_use(const struct ox_ct_mem *m, uint32_t at)
{
	return at >= OX_CT_TP_DEFAULTS && at < OX_CT_TPS && m->tps[at].state;
}

uint16_t ox_ct_policy_next(const struct ox_ct_mem *m, uint16_t at)
{
	uint32_t i = at < OX_CT_TP_DEFAULTS ? OX_CT_TP_DEFAULTS : at;

	for (; i < OX_CT_TPS; i++)
		if (in_use(m, i))
			return (uint16_t)i;
	return 0;
}

uint16_t ox_ct_policy_named(const struct ox_ct_mem *m, const char *name)
{
	uint16_t at = ox_ct_policy_next(m, 0);

	while (at && strcmp((const char *)m->tps[at].name, name))
		at = ox_ct_policy_next(m, at + 1);
	return at;
}

uint16_t ox_ct_policy_find(const struct ox_ct_mem *m, const char *name,
			   uint16_t l3, uint8_t l4)
{
	uint16_t at = ox_ct_policy_named(m, name);

	if (!at || m->tps[at].l4 != l4 || (l3 && m->tps[at].l3 != l3))
		return 0;
	return at;
}

void ox_ct_policy_view(const struct ox_ct_mem *m, uint16_t at,
		       const struct ox_ct_users *users,
		       struct ox_ctnl_timeout *out)
{
	const struct ox_ct_tp *tp = &m->tps[at];

	memset(out, 0, sizeof(*out));
	memcpy(out->name, tp->name, sizeof(out->name) - 1);
	out->l3 = tp->l3;
	out->l4 = tp->l4;
	out->use = users->n[at] + 1;
	for (int i = 0; i < OX_CTNL_TIMEOUTS; i++)
		out->seconds[i] = tp->timeout[i] / m->conf->hz;
}

/* ---- defaults ---- */

uint32_t ox_ct_jiffies(const struct ox_ct_mem *m, uint32_t seconds)
{
	uint32_t most = INT32_MAX / m->conf->hz;

	return (seconds > most ? most : seconds) * m->conf->hz;
}

static void set_given(struct ox_ct_mem *m, struct ox_ct_tp *tp,
		      const struct ox_ctnl_timeout *t)
{
	for (int i = 0; i < OX_CTNL_TIMEOUTS; i++)
		if (t->given >> i & 1)
			__atomic_store_n(&tp->timeout[i],
					 ox_ct_jiffies(m, t->seconds[i]),
					 __ATOMIC_RELAXED);
}

void ox_ct_default_view(const struct ox_ct_mem *m, struct ox_ctnl_timeout *out)
{
	const struct ox_ct_tp *tp = &m->tps[ct_default_tp(out->l4)];

	for (int i = 0; i < OX_CTNL_TIMEOUTS; i++)
		out->seconds[i] = tp->timeout[i] / m->conf->hz;
}

void ox_ct_default_set(struct ox_ct_mem *m, const struct ox_ctnl_timeout *t)
{
	set_given(m, &m->tps[ct_default_tp(t->l4)], t);
}

/* ---- policies ---- */

/* What it gives, and else what the protocol has: a policy that is replaced has
 * nothing of the old one. */
static void fill(struct ox_ct_mem *m, struct ox_ct_tp *tp,
		 const struct ox_ctnl_timeout *t)
{
	const struct ox_ct_tp *usual = &m->tps[ct_default_tp(t->l4)];
	uint32_t v;

	for (int i = 0; i < OX_CTNL_TIMEOUTS; i++) {
		v = usual->timeout[i];
		if (t->given >> i & 1)
			v = ox_ct_jiffies(m, t->seconds[i]);
		__atomic_store_n(&tp->timeout[i], v, __ATOMIC_RELAXED);
	}
}

static int make(struct ox_ct_mem *m, const struct ox_ctnl_timeout *t,
		struct ox_err *err)
{
	uint32_t at = OX_CT_TP_DEFAULTS;
	struct ox_ct_tp *tp;

	while (at < OX_CT_TPS && m->tps[at].state)
		at++;
	if (at == OX_CT_TPS)
		return ox_err_set(err, -ENOSPC,
				  "policy %s: there are %u already", t->name,
				  OX_CT_TPS - OX_CT_TP_DEFAULTS);
	tp = &m->tps[at];
	*tp = (struct ox_ct_tp){ .l3 = (uint8_t)t->l3, .l4 = t->l4 };
	memcpy(tp->name, t->name, sizeof(t->name));
	fill(m, tp, t);
	__atomic_store_n(&tp->state, 1, __ATOMIC_RELEASE);
	return 0;
}

/* cttimeout_new_timeout() */
int ox_ct_policy_set(struct ox_ct_mem *m, const struct ox_ctnl_timeout *t,
		     bool excl, bool replace, struct ox_err *err)
{
	uint16_t at = ox_ct_policy_named(m, t->name);

	if (!at)
		return make(m, t, err);
	if (excl)
		return ox_err_set(err, -EEXIST, "policy %s is there", t->name);
	if (!replace)
		return ox_err_set(err, -EBUSY, "policy %s is there: replace it",
				  t->name);
	if (m->tps[at].l3 != t->l3 || m->tps[at].l4 != t->l4)
		return ox_err_set(err, -EINVAL,
				  "policy %s is for IP protocol %u of address "
				  "family %u, not %u of %u",
				  t->name, m->tps[at].l4, m->tps[at].l3, t->l4,
				  t->l3);
	fill(m, &m->tps[at], t);
	return 0;
}

/* Connections that have it go on with their protocol's timeouts. A place that
 * is free may be another policy's soon, so none may keep it. */
static int del(struct ox_ct_mem *m, uint16_t at,
	       const struct ox_ct_users *users, struct ox_err *err)
{
	int rc;

	if (users->n[at])
		return ox_err_set(err, -EBUSY,
				  "policy %s is named by %u actions ct()",
				  m->tps[at].name, users->n[at]);
	rc = m->ops->untp(m, at);
	if (rc)
		return rc;
	__atomic_store_n(&m->tps[at].state, 0, __ATOMIC_RELEASE);
	return 0;
}

int ox_ct_policy_del(struct ox_ct_mem *m, const char *name,
		     const struct ox_ct_users *users, struct ox_err *err)
{
	uint16_t at;

	if (name) {
		at = ox_ct_policy_named(m, name);
		return at ? del(m, at, users, err)
			  : ox_err_set(err, -ENOENT, "no policy %s", name);
	}
	for (at = ox_ct_policy_next(m, 0); at;
	     at = ox_ct_policy_next(m, at + 1))
		if (!users->n[at])
			del(m, at, users, NULL);
	return 0;
}
