/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * norm.h - messages in a form in which two implementations can be compared:
 * attributes sorted by type, without what can't be the same (hashes, times),
 * and as text for people.
 */
#ifndef OVSXDP_TESTS_VM_NORM_H
#define OVSXDP_TESTS_VM_NORM_H

#include <stdio.h>

#include "side.h"

/* Puts an upcall or a flow in; h is the whole netlink message. */
void norm_upcall(struct items *out, const struct nlmsghdr *h);
void norm_flow(struct items *out, const struct nlmsghdr *h);

/* Any reply or notification (kind) of a family: sorted, with "what" (flags,
 * datapath, ...) in front of the attributes. */
void norm_reply(struct items *out, char kind, enum side_family family,
		const struct nlmsghdr *h, uint32_t what);

/* The attributes of a normalised upcall or flow. */
const void *norm_attrs(const struct item *i, uint32_t *len);

void show_item(FILE *f, const struct item *i);
/* An attribute stream of flow keys, of actions; bytes. */
void show_key(FILE *f, const void *p, uint32_t n);
void show_actions(FILE *f, const void *p, uint32_t n);
void show_hex(FILE *f, const void *p, uint32_t n);

#endif /* OVSXDP_TESTS_VM_NORM_H */
