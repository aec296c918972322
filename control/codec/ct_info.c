// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_info.c - ct(): the attributes other than nat(), which ct_nat.c has.
 */
#include "control/codec/ct_info.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/openvswitch.h>

#include "control/codec/ct_info_int.h"
#include "control/codec/key_attr.h"
#include "ovsxdp/uapi.h"

/* ovs_ct_attr_lens */
static const struct {
	const char *name;
	int min, max;
} attrs[OVS_CT_ATTR_MAX + 1] = {
	[OVS_CT_ATTR_COMMIT] = { "commit", 0, 0 },
	[OVS_CT_ATTR_FORCE_COMMIT] = { "force_commit", 0, 0 },
	[OVS_CT_ATTR_ZONE] = { "zone", 2, 2 },
	[OVS_CT_ATTR_MARK] = { "mark", 8, 8 },
	[OVS_CT_ATTR_LABELS] = { "labels", 32, 32 },
	[OVS_CT_ATTR_HELPER] = { "helper", 1, OX_CT_HELPER_LEN },
	[OVS_CT_ATTR_NAT] = { "nat", 0, UINT16_MAX },
	[OVS_CT_ATTR_EVENTMASK] = { "eventmask", 4, 4 },
	[OVS_CT_ATTR_TIMEOUT] = { "timeout", 1, OX_CT_TIMEOUT_LEN },
};

static int check_attr(struct ox_ct_parse *p, const struct nlattr *a)
{
	int type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);

	if (type > OVS_CT_ATTR_MAX || !attrs[type].name)
		return ox_ct_bad(p, -EINVAL, a, "ct: unknown attribute %d",
				 type);
	if (len < attrs[type].min || len > attrs[type].max)
		return ox_ct_bad(p, -EINVAL, a,
				 "ct: %s of %d bytes, %d to %d are right",
				 attrs[type].name, len, attrs[type].min,
				 attrs[type].max);
	return 0;
}

static int parse_mark(struct ox_ct_parse *p, const struct nlattr *a)
{
	memcpy(&p->ct->mark, mnl_attr_get_payload(a), sizeof(p->ct->mark));
	if (p->ct->mark.mask)
		return 0;
	return ox_ct_bad(p, -EINVAL, a, "ct: the mask of mark is 0");
}

static int parse_labels(struct ox_ct_parse *p, const struct nlattr *a)
{
	memcpy(&p->ct->labels, mnl_attr_get_payload(a), sizeof(p->ct->labels));
	if (!ox_all_zero(p->ct->labels.mask, sizeof(p->ct->labels.mask)))
		return 0;
	return ox_ct_bad(p, -EINVAL, a, "ct: the mask of labels is 0");
}

/* A name with its NUL, which is somewhere in the attribute. */
static int parse_name(struct ox_ct_parse *p, const struct nlattr *a, char *to,
		      size_t size)
{
	size_t len = mnl_attr_get_payload_len(a);
	const char *name = mnl_attr_get_payload(a);

	if (!memchr(name, '\0', len))
		return ox_ct_bad(p, -EINVAL, a, "ct: %s has no NUL",
				 attrs[mnl_attr_get_type(a)].name);
	memset(to, 0, size);
	memcpy(to, name, strlen(name));
	return 0;
}

/* No helper has an empty name. */
static int parse_helper(struct ox_ct_parse *p, const struct nlattr *a)
{
	int err = parse_name(p, a, p->ct->helper, sizeof(p->ct->helper));

	if (!err && !p->ct->helper[0])
		err = ox_ct_bad(p, -EINVAL, a, "ct: helper without a name");
	return err;
}

static int parse_attr(struct ox_ct_parse *p, const struct nlattr *a)
{
	struct ox_ct_info *ct = p->ct;

	switch (mnl_attr_get_type(a)) {
	case OVS_CT_ATTR_FORCE_COMMIT:
		ct->force = true;
		ct->commit = true;
		return 0;
	case OVS_CT_ATTR_COMMIT:
		ct->commit = true;
		return 0;
	case OVS_CT_ATTR_ZONE:
		ct->zone = mnl_attr_get_u16(a);
		return 0;
	case OVS_CT_ATTR_MARK:
		return parse_mark(p, a);
	case OVS_CT_ATTR_LABELS:
		return parse_labels(p, a);
	case OVS_CT_ATTR_HELPER:
		return parse_helper(p, a);
	case OVS_CT_ATTR_TIMEOUT:
		return parse_name(p, a, ct->timeout, sizeof(ct->timeout));
	case OVS_CT_ATTR_EVENTMASK:
		ct->have_eventmask = true;
		ct->eventmask = mnl_attr_get_u32(a);
		return 0;
	default:
		return ox_ct_parse_nat(p, a);
	}
}

/* What must not be asked for without a commit. */
static int check_commit(struct ox_ct_parse *p, const struct nlattr *nest)
{
	const struct ox_ct_info *ct = p->ct;
	const char *what = NULL;

	if (ct->mark.mask)
		what = "mark";
	else if (!ox_all_zero(ct->labels.mask, sizeof(ct->labels.mask)))
		what = "labels";
	if (ct->commit || !what)
		return 0;
	return ox_ct_bad(p, -EINVAL, nest, "ct: %s without commit", what);
}

int ox_ct_info_parse(const void *base, const struct nlattr *nest,
		     uint8_t family, struct ox_ct_info *out, struct ox_err *e)
{
	struct ox_ct_parse p = { .base = base, .ct = out, .err = e };
	const struct nlattr *a;
	int rem, err;

	memset(out, 0, sizeof(*out));
	out->family = family;
	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = check_attr(&p, a);
		if (!err)
			err = parse_attr(&p, a);
		if (err)
			return err;
	}
	err = check_commit(&p, nest);
	if (!err && rem > 0)
		err = ox_ct_bad(&p, -EINVAL, nest,
				"ct: %d stray bytes at its end", rem);
	return err;
}

bool ox_ct_helper_known(const char *name, uint8_t ip_proto)
{
	return (!strcmp(name, "ftp") && ip_proto == IPPROTO_TCP) ||
	       (!strcmp(name, "tftp") && ip_proto == IPPROTO_UDP);
}

uint32_t ox_ct_info_write(const struct ox_ct_info *ct, uint8_t *to)
{
	uint8_t *p = to;

	if (ct->commit)
		p = ox_ct_put(p,
			      ct->force ? OVS_CT_ATTR_FORCE_COMMIT
					: OVS_CT_ATTR_COMMIT,
			      NULL, 0);
	p = ox_ct_put(p, OVS_CT_ATTR_ZONE, &ct->zone, sizeof(ct->zone));
	if (ct->mark.mask)
		p = ox_ct_put(p, OVS_CT_ATTR_MARK, &ct->mark, sizeof(ct->mark));
	if (!ox_all_zero(ct->labels.mask, sizeof(ct->labels.mask)))
		p = ox_ct_put(p, OVS_CT_ATTR_LABELS, &ct->labels,
			      sizeof(ct->labels));
	if (ct->helper[0])
		p = ox_ct_put(p, OVS_CT_ATTR_HELPER, ct->helper,
			      strlen(ct->helper) + 1);
	if (ct->have_eventmask)
		p = ox_ct_put(p, OVS_CT_ATTR_EVENTMASK, &ct->eventmask,
			      sizeof(ct->eventmask));
	if (ct->timeout[0])
		p = ox_ct_put(p, OVS_CT_ATTR_TIMEOUT, ct->timeout,
			      strlen(ct->timeout) + 1);
	if (ct->nat)
		p = ox_ct_put_nat(p, ct);
	return (uint32_t)(p - to);
}
