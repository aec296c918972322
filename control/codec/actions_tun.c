// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_tun.c - set(tunnel()) in a list: validate_and_copy_set_tun(), the
 * form of it that is kept (what ip_tun_to_nlattr() makes of it in a dump), and
 * its ops.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_tunnel.h>

#include "control/base/nlbuf.h"
#include "control/codec/actions_int.h"
#include "control/codec/key.h"

/* An action with struct ovs_tunnel_info, a pointer, in the module's copy. */
#define MODULE_SET_LEN 16
/* Bytes of an OVS_KEY_ATTR_TUNNEL with all that there can be, and more. */
#define TUNNEL_LEN_MAX 512

#define GENEVE_OPT_LEN	 4    /* sizeof(struct geneve_opt) */
#define GENEVE_CRIT_TYPE 0x80 /* GENEVE_CRIT_OPT_TYPE */

/* A set(tunnel()), read. */
struct set_tun {
	struct ox_key key;
	struct ox_tun tun;
};

/* validate_geneve_opts(): options follow each other to the end; an important
 * one marks the header. False: they don't. */
static bool geneve_ok(struct set_tun *s)
{
	const uint8_t *o = s->tun.opts;
	int left = s->key.tun_opts_len, len;

	for (; left > 0; left -= len, o += len) {
		if (left < GENEVE_OPT_LEN)
			return false;
		len = GENEVE_OPT_LEN + (o[3] & 0x1f) * 4;
		if (len > left)
			return false;
		if (o[2] & GENEVE_CRIT_TYPE)
			s->key.tun_flags |= TUNNEL_CRIT_OPT;
	}
	return true;
}

static int parse(struct ox_actions_check *c, const struct nlattr *nest,
		 struct set_tun *s)
{
	uint16_t opts;
	int err;

	err = ox_key_get_tunnel(c->base, nest, &s->key, &s->tun, &opts, c->err);
	if (err)
		return err;
	if (opts == OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS && !geneve_ok(s))
		return ox_actions_bad(c, -EINVAL, nest,
				      "set(tunnel): the Geneve options don't "
				      "add up to %u bytes",
				      s->key.tun_opts_len);
	return 0;
}

static const struct nlattr *write_kept(const struct set_tun *s, uint8_t *room)
{
	struct ox_nlbuf b = { .data = room, .size = TUNNEL_LEN_MAX };
	uint32_t at;

	if (ox_nl_begin_raw(&b, 0, 0, 0, 0, "", 0))
		return NULL;
	at = b.len;
	if (ox_key_put_tunnel(&b, OVS_KEY_ATTR_TUNNEL, &s->key, &s->key,
			      &s->tun))
		return NULL;
	return (const struct nlattr *)(room + at);
}

int ox_actions_validate_tun(struct ox_actions_check *c,
			    const struct nlattr *nest, uint32_t *copied)
{
	_Alignas(4) uint8_t room[TUNNEL_LEN_MAX];
	const struct nlattr *kept;
	uint32_t len = MODULE_SET_LEN;
	struct set_tun s;
	int err = parse(c, nest, &s);

	if (err)
		return err;
	if (s.key.tun_proto == AF_INET && !s.tun.ipv4.dst)
		return ox_actions_unsupported(c, nest,
					      "set(tunnel) of the bridge form");
	kept = write_kept(&s, room);
	if (kept && NLA_ALIGN(kept->nla_len) > NLA_ALIGN(nest->nla_len)) {
		/* a list around it must also hold what it is shown as */
		c->growth +=
			NLA_ALIGN(kept->nla_len) - NLA_ALIGN(nest->nla_len);
		len = NLA_HDRLEN + NLA_ALIGN(kept->nla_len);
	}
	*copied += len;
	return 0;
}

uint32_t ox_actions_keep_tun(const struct nlattr *nest, uint8_t *to)
{
	_Alignas(4) uint8_t room[TUNNEL_LEN_MAX];
	struct ox_actions_check c = { .base = nest };
	const struct nlattr *kept = NULL;
	struct set_tun s;

	if (!parse(&c, nest, &s))
		kept = write_kept(&s, room);
	if (!kept)
		return 0; /* not one that was checked */
	memcpy(to, kept, NLA_ALIGN(kept->nla_len));
	return NLA_ALIGN(kept->nla_len);
}

static void build_arg(struct ox_build *b, enum ox_tun_arg what, uint8_t at,
		      const void *w, size_t len)
{
	struct ox_op_tun_arg arg = {
		.code = OX_OP_TUN_ARG,
		.what = what,
		.at = at,
	};

	memcpy(arg.w, w, len);
	memcpy(ox_build_add(b, OX_OP_TUN_ARG, 0), &arg, sizeof(arg));
}

static void build_args(struct ox_build *b, const struct set_tun *s, bool ports)
{
	const struct ox_tun *t = &s->tun;
	uint8_t len = s->key.tun_opts_len;

	if (s->key.tun_proto == AF_INET6) {
		build_arg(b, OX_TUN_ARG_SRC6, 0, t->ipv6.src, 16);
		build_arg(b, OX_TUN_ARG_DST6, 0, t->ipv6.dst, 16);
	}
	if (ports)
		build_arg(b, OX_TUN_ARG_PORTS, 0, &t->x[5], 8);
	for (uint8_t at = 0; at * 16 < len; at++)
		build_arg(b, OX_TUN_ARG_OPTS, at, t->opts + 16 * at,
			  len - 16 * at < 16 ? (size_t)(len - 16 * at) : 16);
}

bool ox_build_tun(struct ox_build *b, const struct nlattr *nest)
{
	struct ox_actions_check c = { .base = nest };
	struct ox_op_tun op = { .code = OX_OP_TUN };
	struct set_tun s;
	bool ports;

	if (parse(&c, nest, &s))
		return false;
	ports = s.tun.x[5];
	op.opts_len = s.key.tun_opts_len;
	op.n_args = (uint8_t)(ports + (op.opts_len + 15) / 16);
	op.tun_flags = s.key.tun_flags;
	op.tos = s.key.tun_tos;
	op.ttl = s.key.tun_ttl;
	op.tun_id = s.tun.tun_id;
	if (s.key.tun_proto == AF_INET6) {
		op.flags = OX_OPF_TUN6;
		op.n_args += 2;
	} else {
		op.src = s.tun.ipv4.src;
		op.dst = s.tun.ipv4.dst;
	}
	memcpy(ox_build_add(b, OX_OP_TUN, 0), &op, sizeof(op));
	build_args(b, &s, ports);
	return true;
}
