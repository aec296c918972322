// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * port_print.c - a port as show prints it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "control/ctl/ctl.h"

#define WIDTH  80 /* of a terminal that doesn't tell */
#define INDENT 6  /* of a port's second line and on */

/* As ovs-dpctl, which has the options after the type. */
static void print_type(FILE *f, const struct ox_port_info *p)
{
	fprintf(f, " (%s", ox_port_type_name(p->type));
	if (p->has_options) {
		fprintf(f, ": dst_port=%u", p->dst_port);
		ox_port_exts_print(f, ", exts=", p);
	}
	fputc(')', f);
}

/* The daemon's text begins with the mode in force. */
static void print_mode(FILE *f, const struct ox_port_info *p)
{
	if (!p->has_mode)
		return;
	fprintf(f, " [%s", *p->why ? p->why : ox_port_mode_name(p->mode));
	if (p->mode_asked != p->mode && p->mode_asked != OX_MODE_AUTO)
		fprintf(f, "; asked: %s", ox_port_mode_name(p->mode_asked));
	fputc(']', f);
}

/* Columns that there are; 0: it is no terminal, so lines stay whole. */
static size_t width_of(FILE *f)
{
	struct winsize w = { 0 };
	int fd = fileno(f);

	if (fd < 0 || !isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &w) || w.ws_col < 2 * INDENT)
		return WIDTH;
	return w.ws_col;
}

/* Breaks at blanks; a word that is longer than a line stays whole. */
static void print_broken(FILE *f, const char *text, size_t width)
{
	size_t at = 0;

	while (*text) {
		size_t blank = strspn(text, " ");
		size_t n = blank + strcspn(text + blank, " ");

		if (width && at + n > width && at > INDENT) {
			fprintf(f, "\n%*s", INDENT, "");
			text += blank;
			n -= blank;
			at = INDENT;
		}
		fwrite(text, 1, n, f);
		text += n;
		at += n;
	}
	fputc('\n', f);
}

void ox_port_print(FILE *f, const struct ox_port_info *p)
{
	char *text = NULL;
	size_t size;
	FILE *m = open_memstream(&text, &size);

	if (!m)
		return;
	fprintf(m, "  port %u: %s", p->no, p->name);
	/* as ovs-dpctl: a netdev's type goes without saying */
	if (p->type != OVS_VPORT_TYPE_NETDEV)
		print_type(m, p);
	print_mode(m, p);
	if (!fclose(m))
		print_broken(f, text, width_of(f));
	free(text);
}

void ox_port_print_more(FILE *f, const struct ox_port_info *p)
{
	if (!p->has_mode)
		return;
	fprintf(f, "    %s, mtu %u, ifindex %u",
		p->flags & OX_PORT_UP ? "up" : "down", p->mtu, p->ifindex);
	if (p->xdp_id)
		fprintf(f, ", xdp id %u (%s)", p->xdp_id,
			p->flags & OX_PORT_GENERIC ? "generic" : "driver");
	if (p->tc_id)
		fprintf(f, ", tc id %u (%s)", p->tc_id,
			p->tcx ? "tcx" : "clsact");
	fputc('\n', f);
}
