// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_vport.c - arbitrary attributes of "ovs_vport", as a request and as a
 * reply (decoded, put again, decoded again: the same).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/codec_vport.h"
#include "control/port/vport.h"

static void must(int cond)
{
	if (!cond)
		abort();
}

static void request(const void *base, const struct nlattr **tb, size_t size)
{
	struct ox_vport_attrs a;
	struct ox_uport u;
	struct ox_err e = { 0 };
	int err = ox_vport_attrs_get(base, tb, &a, &e);

	must(!err || (e.code == err && e.offset && e.offset < size));
	if (err)
		return;
	must(!a.name || strlen(a.name) < OX_NAME_LEN);
	must(a.mode <= OX_MODE_TC);
	if (a.pids && !ox_vport_pids_check(a.pids, a.pids_len, NULL)) {
		ox_vport_pids_set(&u, a.pids, a.pids_len);
		must(u.n_pids && u.n_pids <= OX_PORT_PIDS);
	}
}

static void reply(const struct nlattr **tb)
{
	const struct nlattr *again[OX_VPORT_ATTR_MAX + 1];
	uint8_t out[70000];
	struct ox_nlbuf b = { .data = out, .size = sizeof(out) };
	struct ox_vport_info i, j;
	struct ox_err e = { 0 };

	if (ox_vport_info_get(tb, &i))
		return;
	must(!ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL));
	must(!ox_vport_info_put(&b, &i));
	ox_nl_end(&b);
	/* an index beyond the policy's range comes in from no peer of ours */
	must(!ox_attrs_parse(out, out + 20, b.len - 20, ox_vport_policy,
			     OX_VPORT_ATTR_MAX, again, &e));
	must(!ox_vport_info_get(again, &j));
	must(!strcmp(i.name, j.name) && i.n_pids == j.n_pids);
	must(i.port_no == j.port_no && i.type == j.type);
	must(i.upcall_success == j.upcall_success);
	must(!memcmp(&i.stats, &j.stats, sizeof(i.stats)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nlattr *tb[OX_VPORT_ATTR_MAX + 1];
	struct ox_err e = { 0 };
	uint8_t *copy = malloc(size + 1); /* aligned, and its end is watched */

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (!ox_attrs_parse(copy, copy, size, ox_vport_policy,
			    OX_VPORT_ATTR_MAX, tb, &e)) {
		request(copy, tb, size);
		reply(tb);
	}
	free(copy);
	return 0;
}
