// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_nest.c - checks of the actions that hold attributes of their own:
 * lists of actions (sample, clone, check_pkt_len, dec_ttl), the arguments of
 * userspace, and the header that push_nsh puts.
 *
 * The module copies what it checks, in a form of its own; a nest whose copy
 * outgrows the 64 KB of an attribute is -EMSGSIZE.
 */
#include <errno.h>

#include "control/codec/actions_int.h"
#include "control/base/attr.h"

#define BAD(c, a, ...) ox_actions_bad(c, -EINVAL, a, __VA_ARGS__)

/* A list in an action; head: bytes in front of it in the module's copy. */
static int check_list(struct ox_actions_check *c, const struct nlattr *list,
		      const struct ox_actions_at *at, uint32_t head,
		      uint32_t *copied)
{
	struct ox_actions_at inner = *at;
	uint32_t len = head;
	int err;

	inner.depth++;
	err = ox_actions_validate(c, list, inner, &len);
	if (err)
		return err;
	if (len > UINT16_MAX)
		return ox_actions_bad(c, -EMSGSIZE, list,
				      "nested actions take %u bytes", len);
	*copied += len;
	return 0;
}

/* Not empty, but too short for an attribute. */
static bool stub(const struct nlattr *list)
{
	return mnl_attr_get_payload_len(list) &&
	       mnl_attr_get_payload_len(list) < (int)NLA_HDRLEN;
}

int ox_actions_validate_sample(struct ox_actions_check *c,
			       const struct nlattr *nest,
			       const struct ox_actions_at *at, uint32_t *copied)
{
	const struct nlattr *tb[OVS_SAMPLE_ATTR_MAX + 1] = { NULL };
	const struct nlattr *a, *prob, *list;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		uint16_t type = mnl_attr_get_type(a);

		if (!type || type > OVS_SAMPLE_ATTR_MAX || tb[type])
			return BAD(c, a,
				   "sample: attribute %u twice or "
				   "unknown",
				   type);
		tb[type] = a;
	}
	if (rem)
		return BAD(c, nest, "sample: stray bytes at its end");
	prob = tb[OVS_SAMPLE_ATTR_PROBABILITY];
	if (!prob || mnl_attr_get_payload_len(prob) != sizeof(uint32_t))
		return BAD(c, nest, "sample needs a probability of 4 bytes");
	list = tb[OVS_SAMPLE_ATTR_ACTIONS];
	if (!list || stub(list))
		return BAD(c, nest, "sample needs actions");
	/* its header and struct sample_arg */
	return check_list(c, list, at, NLA_HDRLEN + NLA_HDRLEN + 8, copied);
}

int ox_actions_validate_clone(struct ox_actions_check *c,
			      const struct nlattr *nest,
			      const struct ox_actions_at *at, uint32_t *copied)
{
	if (stub(nest))
		return BAD(c, nest, "clone: stray bytes");
	/* its header and OVS_CLONE_ATTR_EXEC */
	return check_list(c, nest, at, NLA_HDRLEN + NLA_HDRLEN + 4, copied);
}

/* nla_parse_deprecated_strict(): unknown types and stray bytes are wrong. */
static int parse_check_len(struct ox_actions_check *c,
			   const struct nlattr *nest, const struct nlattr **tb)
{
	static const struct ox_nla_policy policy[OVS_CHECK_PKT_LEN_ATTR_MAX +
						 1] = {
		[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN] = { .type = OX_NLA_U16 },
		[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER] = { .type = OX_NLA_NESTED },
		[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL] = { .type = OX_NLA_NESTED },
	};
	const struct nlattr *a;
	int rem, err;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		if (!mnl_attr_get_type(a) ||
		    mnl_attr_get_type(a) > OVS_CHECK_PKT_LEN_ATTR_MAX)
			return BAD(c, a,
				   "check_pkt_len: attribute %u is "
				   "unknown",
				   mnl_attr_get_type(a));
		/* one at a time: the first mistake counts */
		err = ox_attrs_parse(c->base, a, a->nla_len, policy,
				     OVS_CHECK_PKT_LEN_ATTR_MAX, tb, c->err);
		if (err)
			return err;
	}
	if (rem > 0)
		return BAD(c, nest, "check_pkt_len: stray bytes at its end");
	return ox_attrs_parse(c->base, mnl_attr_get_payload(nest),
			      (size_t)mnl_attr_get_payload_len(nest), policy,
			      OVS_CHECK_PKT_LEN_ATTR_MAX, tb, c->err);
}

int ox_actions_validate_check_len(struct ox_actions_check *c,
				  const struct nlattr *nest,
				  const struct ox_actions_at *at,
				  uint32_t *copied)
{
	const struct nlattr *tb[OVS_CHECK_PKT_LEN_ATTR_MAX + 1];
	const struct nlattr *len, *le, *gt;
	uint32_t total = NLA_HDRLEN + NLA_HDRLEN + 4; /* and its argument */
	int err;

	err = parse_check_len(c, nest, tb);
	if (err)
		return err;
	len = tb[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN];
	if (!len || !mnl_attr_get_u16(len))
		return BAD(c, nest, "check_pkt_len needs a length");
	gt = tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER];
	le = tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL];
	if (!gt || !le)
		return BAD(c, nest,
			   "check_pkt_len needs actions for both "
			   "cases");
	err = check_list(c, le, at, NLA_HDRLEN, &total);
	if (!err)
		err = check_list(c, gt, at, NLA_HDRLEN, &total);
	if (!err && total > UINT16_MAX)
		err = ox_actions_bad(c, -EMSGSIZE, nest,
				     "nested actions take %u bytes", total);
	*copied += total;
	return err;
}

int ox_actions_validate_dec_ttl(struct ox_actions_check *c,
				const struct nlattr *nest,
				const struct ox_actions_at *at,
				uint32_t *copied)
{
	const struct nlattr *a, *list = NULL;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		if (mnl_attr_get_type(a) > OVS_DEC_TTL_ATTR_MAX)
			continue;
		if (!mnl_attr_get_type(a) || list)
			return BAD(c, a,
				   "dec_ttl: attribute %u twice or "
				   "unknown",
				   mnl_attr_get_type(a));
		list = a;
	}
	if (rem)
		return BAD(c, nest, "dec_ttl: stray bytes at its end");
	if (!list || stub(list))
		return BAD(c, nest, "dec_ttl needs actions");
	/* its header and the list's */
	return check_list(c, list, at, NLA_HDRLEN + NLA_HDRLEN, copied);
}

int ox_actions_validate_userspace(struct ox_actions_check *c,
				  const struct nlattr *a)
{
	static const struct ox_nla_policy policy[OVS_USERSPACE_ATTR_MAX + 1] = {
		[OVS_USERSPACE_ATTR_PID] = { .type = OX_NLA_U32 },
		[OVS_USERSPACE_ATTR_USERDATA] = { .type = OX_NLA_ANY },
		[OVS_USERSPACE_ATTR_EGRESS_TUN_PORT] = { .type = OX_NLA_U32 },
	};
	const struct nlattr *tb[OVS_USERSPACE_ATTR_MAX + 1];
	int err;

	err = ox_attrs_parse(c->base, mnl_attr_get_payload(a),
			     (size_t)mnl_attr_get_payload_len(a), policy,
			     OVS_USERSPACE_ATTR_MAX, tb, c->err);
	if (err)
		return err;
	if (!tb[OVS_USERSPACE_ATTR_PID] ||
	    !mnl_attr_get_u32(tb[OVS_USERSPACE_ATTR_PID]))
		return BAD(c, a, "userspace needs a netlink port id");
	return 0;
}

/* ---- push_nsh ---- */

#define NSH_MAX_MD 248 /* NSH_CTX_HDRS_MAX_LEN */

struct nsh {
	bool base, md1, md2;
	uint8_t mdtype;
};

static int check_nsh_attr(struct ox_actions_check *c, const struct nlattr *a,
			  struct nsh *n)
{
	struct ovs_nsh_key_base base;
	int len = mnl_attr_get_payload_len(a);

	switch (mnl_attr_get_type(a)) {
	case OVS_NSH_KEY_ATTR_BASE:
		if (len != sizeof(base))
			break;
		memcpy(&base, mnl_attr_get_payload(a), sizeof(base));
		n->base = true;
		n->mdtype = base.mdtype;
		return 0;
	case OVS_NSH_KEY_ATTR_MD1:
		if (len != sizeof(struct ovs_nsh_key_md1))
			break;
		n->md1 = true;
		return 0;
	case OVS_NSH_KEY_ATTR_MD2:
		if (len <= 0 || len > NSH_MAX_MD)
			break;
		n->md2 = true;
		return 0;
	default:
		return BAD(c, a, "push_nsh: attribute %u is unknown",
			   mnl_attr_get_type(a));
	}
	return BAD(c, a, "push_nsh: %d bytes are wrong for attribute %u", len,
		   mnl_attr_get_type(a));
}

/* nsh_key_put_from_nlattr() for a header to push. */
int ox_actions_validate_push_nsh(struct ox_actions_check *c,
				 const struct nlattr *action)
{
	const struct nlattr *key = mnl_attr_get_payload(action), *a;
	struct nsh n = { 0 };
	int rem, err;

	if (!mnl_attr_ok(key, mnl_attr_get_payload_len(action)) ||
	    (int)NLA_ALIGN(key->nla_len) != mnl_attr_get_payload_len(action) ||
	    mnl_attr_get_type(key) != OVS_KEY_ATTR_NSH)
		return BAD(c, action, "push_nsh takes one NSH header");
	ox_attr_for_each(a, mnl_attr_get_payload(key),
			 mnl_attr_get_payload_len(key), rem)
	{
		err = check_nsh_attr(c, a, &n);
		if (err)
			return err;
	}
	if (rem > 0)
		return BAD(c, key, "push_nsh: %d stray bytes", rem);
	if (n.md1 && n.md2)
		return BAD(c, key, "push_nsh: metadata of two types");
	if ((n.md1 && n.mdtype != 1) || (n.md2 && n.mdtype != 2))
		return BAD(c, key, "push_nsh: metadata is not of type %u",
			   n.mdtype);
	if (!n.base || (!n.md1 && !n.md2))
		return BAD(c, key, "push_nsh needs a base and metadata");
	return 0;
}
