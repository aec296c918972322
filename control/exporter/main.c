// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - ovsxdp-exporter: options, start, signals.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "control/ctl/ctl.h"
#include "control/exporter/http.h"

#define TIMEOUT_MS 5000 /* Prometheus waits for ten seconds */

static const struct option long_opts[] = {
	{ "listen", required_argument, NULL, 'l' },
	{ "portid", required_argument, NULL, 'p' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"Usage: ovsxdp-exporter [OPTION...]\n"
	"Answers HTTP GET /metrics with what ovsxdpd counts.\n"
	"  -l, --listen ADDRESS:PORT  where to listen; localhost:9475 by\n"
	"                             default, :9475 is all addresses\n"
	"      --portid N             the daemon's netlink port id\n"
	"  -h, --help                 this text\n"
	"  -V, --version              the version\n"
	"See ovsxdp-exporter(8).\n";

static int usage(const char *text)
{
	fprintf(stderr, "ovsxdp-exporter: %s\nTry: ovsxdp-exporter --help\n",
		text);
	return 2;
}

/* -1: go on; else the exit status. */
static int options(int argc, char **argv, struct ox_http_options *o)
{
	struct ox_err e = { 0 };
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "l:hV", long_opts, NULL)) != -1) {
		switch (opt) {
		case 'l':
			o->listen = optarg;
			break;
		case 'p':
			if (ox_arg_u32(optarg, UINT32_MAX, &o->peer, &e))
				return usage(e.msg);
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		case 'V':
			printf("ovsxdp-exporter %s\n", OX_VERSION);
			return 0;
		default:
			return usage("unknown option or missing value");
		}
	}
	return optind == argc ? -1 : usage("too many arguments");
}

int main(int argc, char **argv)
{
	struct ox_http_options o = { .listen = "localhost:9475",
				     .timeout_ms = TIMEOUT_MS };
	struct ox_err e = { 0 };
	struct ox_http *h;
	sigset_t end;
	int status = options(argc, argv, &o), sig;

	if (status >= 0)
		return status;
	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (ox_http_open(&o, &h, &e)) {
		fprintf(stderr, "ovsxdp-exporter: %s\n", e.msg);
		return 1;
	}
	while (sigwait(&end, &sig))
		;
	ox_http_close(h);
	return 0;
}
