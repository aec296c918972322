/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http.h - the exporter's HTTP server: GET /metrics, and a page that leads
 * there.
 */
#ifndef OVSXDP_EXPORTER_HTTP_H
#define OVSXDP_EXPORTER_HTTP_H

#include <stdint.h>

#include "ovsxdp/err.h"

struct ox_http; /* opaque */

struct ox_http_options {
	const char *listen; /* "ADDRESS:PORT", "[::1]:PORT", ":PORT" */
	uint32_t peer;	    /* the daemon's port id; 0: look for it */
	int timeout_ms;	    /* for each of its answers */
};

/* Listens, and answers from a thread of its own, one request at a time. */
int ox_http_open(const struct ox_http_options *o, struct ox_http **out,
		 struct ox_err *e);
void ox_http_close(struct ox_http *h);

#endif /* OVSXDP_EXPORTER_HTTP_H */
