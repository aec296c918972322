// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * http.c - libmicrohttpd does the protocol. Each scrape asks the daemon anew;
 * nothing is kept between two.
 */
#include "control/exporter/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/ctl/metrics.h"
#include "ovsxdp/cleanup.h"

#define MAX_CLIENTS 32
#define IDLE_S	    10 /* after which a silent client is dropped */

struct ox_http {
	struct MHD_Daemon *mhd;
	struct ox_http_options o;
	bool was_up; /* log changes alone */
};

#define TYPE_OPENMETRICS \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"
#define TYPE_PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"

static const char page[] =
	"<!DOCTYPE html><title>ovsxdp</title>"
	"<p>Open vSwitch datapaths in BPF: <a href=\"metrics\">metrics</a>\n";

/* ---- a scrape ---- */

static int get(const struct ox_http *h, struct ox_metrics *m, struct ox_err *e)
{
	struct ox_ctl ctl = { .timeout_ms = h->o.timeout_ms };
	int err = ox_conn_open(NETLINK_GENERIC, h->o.peer, ctl.timeout_ms,
			       &ctl.conn, &ctl.err);

	memset(m, 0, sizeof(*m));
	if (!err)
		err = ox_metrics_get(&ctl, m);
	ox_conn_close(ctl.conn);
	*e = ctl.err;
	return err;
}

static void tell(struct ox_http *h, int err, const struct ox_err *e)
{
	if (h->was_up == !err)
		return;
	h->was_up = !err;
	fprintf(stderr, "ovsxdp-exporter: %s\n",
		!err	  ? "ovsxdpd answers again"
		: *e->msg ? e->msg
			  : strerror(-err));
}

/* The text, which the caller owns; NULL: no memory. */
static char *scrape(struct ox_http *h, bool prometheus, size_t *size)
{
	_cleanup_(ox_metrics_free) struct ox_metrics m;
	struct ox_expose x = { .prometheus = prometheus };
	struct ox_err e;
	char *text = NULL;
	int err = get(h, &m, &e);

	tell(h, err, &e);
	x.f = open_memstream(&text, size);
	if (!x.f)
		return NULL;
	ox_metrics_print(&x, err ? NULL : &m);
	if (!fclose(x.f))
		return text;
	free(text);
	return NULL;
}

/* ---- HTTP ---- */

static enum MHD_Result answer(struct MHD_Connection *c, unsigned int status,
			      const char *type, struct MHD_Response *r)
{
	enum MHD_Result done;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result answer_text(struct MHD_Connection *c,
				   unsigned int status, const char *type,
				   const char *text)
{
	return answer(c, status, type,
		      MHD_create_response_from_buffer(strlen(text),
						      (void *)text,
						      MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result answer_metrics(struct ox_http *h,
				      struct MHD_Connection *c)
{
	const char *accept = MHD_lookup_connection_value(
		c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool open = accept && strstr(accept, "application/openmetrics-text");
	struct MHD_Response *r;
	size_t size = 0;
	char *text = scrape(h, !open, &size);

	if (!text)
		return MHD_NO;
	r = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	if (!r)
		free(text);
	return answer(c, MHD_HTTP_OK, open ? TYPE_OPENMETRICS : TYPE_PROMETHEUS,
		      r);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c,
				  const char *url, const char *method,
				  const char *version, const char *data,
				  size_t *size, void **state)
{
	(void)version;
	(void)data;
	(void)size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
				   "only GET is allowed here\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(arg, c);
	if (!strcmp(url, "/"))
		return answer_text(c, MHD_HTTP_OK, "text/html; charset=utf-8",
				   page);
	return answer_text(c, MHD_HTTP_NOT_FOUND, "text/plain",
			   "there are /metrics and /\n");
}

/* ---- the socket ---- */

/* "ADDRESS:PORT" in two; an empty address is all of them. */
static int cut(const char *listen, char host[256], const char **port,
	       struct ox_err *e)
{
	const char *colon = strrchr(listen, ':');
	size_t n = colon ? (size_t)(colon - listen) : 0;

	if (!colon || !colon[1] || n >= 256)
		return ox_err_set(e, -EINVAL,
				  "--listen: '%.60s' is not ADDRESS:PORT",
				  listen);
	if (n >= 2 && *listen == '[' && listen[n - 1] == ']') {
		listen++;
		n -= 2;
	}
	memcpy(host, listen, n);
	host[n] = '\0';
	*port = colon + 1;
	return 0;
}

static int sock_bind(const struct addrinfo *a)
{
	int on = 1, off = 0;
	_cleanup_fd_ int fd = socket(
		a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* "::" is all addresses, of IPv4 too */
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, 16) < 0)
		return -errno;
	return take_fd(fd);
}

/* The first of the host's addresses that works. */
static int sock_open_at(const char *host, const char *port, const char **why)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int fd = -EADDRNOTAVAIL;
	int err = getaddrinfo(host, port, &hints, &list);

	*why = gai_strerror(err);
	if (err)
		return -EINVAL;
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
		fd = sock_bind(a);
	freeaddrinfo(list);
	*why = strerror(fd < 0 ? -fd : 0);
	return fd;
}

static int sock_open(const char *where, struct ox_err *e)
{
	const char *port = NULL, *why;
	char host[256];
	int fd = cut(where, host, &port, e);

	if (fd)
		return fd;
	fd = sock_open_at(*host ? host : "::", port, &why);
	/* a kernel without IPv6 */
	if (fd == -EAFNOSUPPORT && !*host)
		fd = sock_open_at("0.0.0.0", port, &why);
	if (fd < 0)
		ox_err_set(e, fd, "--listen: can't listen at '%.60s': %s",
			   where, why);
	return fd;
}

int ox_http_open(const struct ox_http_options *o, struct ox_http **out,
		 struct ox_err *e)
{
	struct ox_http *h = calloc(1, sizeof(*h));
	int fd;

	if (!h)
		return ox_err_set(e, -ENOMEM, "no memory");
	h->o = *o;
	h->was_up = true;
	fd = sock_open(o->listen, e);
	if (fd < 0) {
		free(h);
		return fd;
	}
	h->mhd = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, h,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)MAX_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned int)IDLE_S, MHD_OPTION_END);
	if (!h->mhd) {
		close(fd);
		free(h);
		return ox_err_set(e, -ENOMEM, "can't start the HTTP server");
	}
	*out = h;
	return 0;
}

void ox_http_close(struct ox_http *h)
{
	MHD_stop_daemon(h->mhd);
	free(h);
}
