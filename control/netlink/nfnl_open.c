// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nfnl_open.c - the second socket of the server, of NETLINK_NETFILTER. It is a
 * server of its own, with the first one's port id and loop.
 */
#include <errno.h>
#include <string.h>

#include "control/netlink/genl_int.h"

int ox_nfnl_open(struct ox_genl *main, struct ox_err *e)
{
	struct ox_genl *g = NULL;
	int err = ox_genl_new(main->loop, main->datapaths, &g);

	if (err)
		return ox_err_set(e, err, "netlink buffers: out of memory");
	g->protocol = NETLINK_NETFILTER;
	g->main = main;
	g->portid = main->portid;
	g->cookie = main->cookie;
	err = ox_subs_open(g, NULL);
	if (!err)
		err = ox_transport_socket(NETLINK_NETFILTER, &g->fd, e);
	if (!err) {
		err = ox_transport_bind(g->fd, g->portid);
		if (err)
			ox_err_set(e, err, "NETLINK_NETFILTER port id 0x%x: %s",
				   g->portid, strerror(-err));
	}
	if (!err)
		err = ox_genl_start(g, e);
	if (err)
		ox_genl_close(g);
	else
		main->nf = g;
	return err;
}

int ox_nfnl_register(struct ox_genl *main, const struct ox_genl_family *f)
{
	return ox_genl_register(main->nf, f);
}
