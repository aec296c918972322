// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_steps.c - the ops of a list under construction: an array that grows
 * up to OX_ACTIONS_MAX_OPS. Build, edit and trim add to it.
 */
#include <errno.h>
#include <stdlib.h>

#include "control/codec/actions_int.h"

struct ox_op *ox_build_add(struct ox_build *b, enum ox_opcode code,
			   uint32_t arg)
{
	static struct ox_op scratch;
	struct ox_build_op *s;

	if (!b->err && b->n >= OX_ACTIONS_MAX_OPS)
		b->err = -E2BIG;
	if (!b->err && b->n == b->cap) {
		uint32_t cap = b->cap ? 2 * b->cap : 16;

		s = realloc(b->steps, cap * sizeof(*s));
		if (s) {
			b->steps = s;
			b->cap = cap;
		} else {
			b->err = -ENOMEM;
		}
	}
	if (b->err)
		return &scratch;
	s = &b->steps[b->n++];
	memset(s, 0, sizeof(*s));
	s->op.code = code;
	s->op.arg = arg;
	s->depth = b->depth;
	return &s->op;
}
