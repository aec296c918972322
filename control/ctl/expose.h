/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * expose.h - metrics as text: OpenMetrics 1.0, or the format before it, which
 * Prometheus calls 0.0.4 and node_exporter's textfile collector reads.
 */
#ifndef OVSXDP_CTL_EXPOSE_H
#define OVSXDP_CTL_EXPOSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ox_expose {
	FILE *f;
	bool prometheus;    /* the older format */
	const char *name;   /* of the family that was begun */
	const char *suffix; /* of its samples: "_total" of a counter */
};

enum ox_expose_type { OX_COUNTER, OX_GAUGE };

/* All samples of a family follow its beginning. A counter's name is without
 * "_total", which is added where the format has it. */
void ox_expose_family(struct ox_expose *x, const char *name,
		      enum ox_expose_type type, const char *help);
/* A sample; after the value pairs of label and text, both const char *, and
 * NULL. What a format can't have in a text is escaped. */
void ox_expose(struct ox_expose *x, double value, ...)
	__attribute__((sentinel));
/* A counter: whole, however large. */
void ox_expose_u64(struct ox_expose *x, uint64_t value, ...)
	__attribute__((sentinel));
void ox_expose_end(struct ox_expose *x);

#endif /* OVSXDP_CTL_EXPOSE_H */
