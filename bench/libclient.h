/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libclient.h - a client of ovsxdpd over real netlink, as lean as one can
 * be: the daemon is what is measured. Ends the program on any error.
 */
#ifndef OVSXDP_BENCH_LIBCLIENT_H
#define OVSXDP_BENCH_LIBCLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "control/base/nlbuf.h"

/*
 * Starts DIR/ovsxdpd in this network namespace and waits until it serves; it
 * is killed when the program ends. The daemon gets the last CPU for itself
 * and the caller the others, lest each ACK put the client in its place.
 */
void ox_client_daemon(const char *dir, const char *root);
/* Nanoseconds of CPU that it has used: what a busy machine doesn't bend. */
uint64_t ox_client_daemon_cpu(void);
/* Bytes of memory of its own: what isn't the maps'. */
uint64_t ox_client_daemon_anon(void);
/* Ends it in good order. */
void ox_client_daemon_stop(void);
/* kill -9, and a new one: nanoseconds until that serves. */
uint64_t ox_client_daemon_again(void);

/* A socket of its own port id. */
int ox_client_open(uint32_t *portid);
/* Sends whole messages in one datagram. */
void ox_client_send(int fd, const void *buf, size_t len);
/* Receives a datagram; returns its length, 0 when nothing came for ms. */
size_t ox_client_recv(int fd, void *buf, size_t size, int ms);
/* The same of a dump's parts: says how large they may be, as the preload
 * library does for its program, and asks for more when there are none. */
size_t ox_client_recv_dump(int fd, uint32_t portid, void *buf, size_t size,
			   int ms);
/* Receives until n ACKs have come; an error among them ends the program. */
void ox_client_acks(int fd, uint32_t n);

/* Starts a request in b, with the ovs_header filled in. */
void ox_client_begin(struct ox_nlbuf *b, uint16_t family, uint8_t cmd,
		     uint16_t flags, uint32_t dp_ifindex);

/* The requests that set the stage. */
uint32_t ox_client_dp_new(int fd, const char *name,
			  uint32_t upcall_pid); /* dp_ifindex */
void ox_client_dp_del(int fd, uint32_t dp_ifindex);
void ox_client_vport_new(int fd, uint32_t dp_ifindex, const char *name,
			 uint32_t port_no, uint32_t upcall_pid);

#endif /* OVSXDP_BENCH_LIBCLIENT_H */
