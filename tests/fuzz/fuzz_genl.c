// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_genl.c - arbitrary datagrams to the netlink server: batches, ACKs,
 * the controller, dumps and queues, with clients whose receive buffers are
 * full as the input wants it. No sockets: this file stands in for
 * transport.c and listen.c. Input: a byte of send results, a byte of sender, a
 * datagram.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/netlink/genl_int.h"
#include "ovsxdp/log.h"
#include "tests/lib/toy_genl.h"

static const uint8_t *input;
static size_t input_len;
static uint8_t fates; /* a bit a send, over and over: 1: full */
static unsigned int sends;
static uint32_t sender;
static struct ox_loop *loop;

int ox_listen(struct ox_genl *g, struct ox_err *e)
{
	(void)e;
	g->portid = OX_NL_PORTID;
	g->fd = eventfd(1, EFD_CLOEXEC); /* always readable */
	return g->fd < 0 ? -errno : 0;
}

void ox_listen_end(struct ox_genl *g)
{
	close(g->fd);
}

int ox_transport_recv(int fd, uint8_t *buf, uint32_t size,
		      struct ox_datagram *out)
{
	(void)fd;
	if (!input) {
		ox_loop_stop(loop);
		return -EAGAIN;
	}
	*out = (struct ox_datagram){ .data = buf, .portid = sender };
	out->truncated = input_len > size;
	out->len = (uint32_t)(out->truncated ? size : input_len);
	memcpy(buf, input, out->len);
	input = NULL;
	return 0;
}

int ox_transport_send(int fd, uint32_t portid, const struct iovec *iov,
		      int n_iov)
{
	const struct nlmsghdr *nlh = iov->iov_base;
	size_t left = iov->iov_len;

	(void)fd;
	/* whatever was asked, what leaves is well formed */
	if (!portid || n_iov != 1)
		abort();
	while (left) {
		if (left < NLMSG_HDRLEN || nlh->nlmsg_len < NLMSG_HDRLEN ||
		    NLMSG_ALIGN(nlh->nlmsg_len) > left)
			abort();
		left -= NLMSG_ALIGN(nlh->nlmsg_len);
		nlh = (const void *)((const uint8_t *)nlh +
				     NLMSG_ALIGN(nlh->nlmsg_len));
	}
	if (fates == 0xff)
		return -ECONNREFUSED;
	return fates & (1u << (sends++ % 8)) ? -EAGAIN : 0;
}

int ox_transport_send_many(int fd, struct mmsghdr *msgs, uint32_t n)
{
	int err;

	(void)n;
	err = ox_transport_send(fd, 1, msgs[0].msg_hdr.msg_iov,
				(int)msgs[0].msg_hdr.msg_iovlen);
	return err ? err : 1;
}

/* No subsystem of nfnetlink is here, so none has something to tell. */
int ox_transport_tell(int fd, uint32_t group, const struct iovec *iov,
		      int n_iov)
{
	(void)fd;
	(void)group;
	(void)iov;
	(void)n_iov;
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ox_genl *g;

	if (!g) {
		ox_log_set_level(OX_LOG_ERR);
		if (ox_loop_new(&loop) ||
		    ox_genl_open(loop, NULL, NULL, &g, NULL) ||
		    ox_genl_register(g, &toy_family) ||
		    ox_genl_register(g, &toy_sync_family))
			abort();
	}
	if (size < 2)
		return 0;
	fates = data[0];
	sender = 1u + data[1] % 4;
	input = data + 2;
	input_len = size - 2;
	sends = 0;
	ox_loop_run(loop);
	/* time passes: what waits is tried again */
	for (int i = 0; i < 8; i++) {
		for (int h = 0; h < OX_CLIENT_HASH; h++) {
			struct ox_client *c = g->clients[h];

			if (c)
				c->retry_ms = 0;
		}
		ox_client_retry(g);
	}
	ox_client_drop_all(g);
	for (uint32_t id = 1; id <= 4; id++)
		ox_subs_drop(g, id);
	return 0;
}
