/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * host_int.h - how ox_host_probe() asks: by bpf(2) (host_bpf.c), and by
 * netlink (host_net.c).
 */
#ifndef OVSXDP_LOADER_HOST_INT_H
#define OVSXDP_LOADER_HOST_INT_H

#include <stddef.h>
#include <stdint.h>
#include <linux/bpf.h>

#include "ovsxdp/host.h"

/* A helper that programs of a type call, and the feature that it is. */
struct ox_host_helper {
	uint32_t prog_type; /* enum bpf_prog_type */
	uint32_t func;	    /* enum bpf_func_id */
	enum ox_host_feature feature;
};
extern const struct ox_host_helper ox_host_helpers[];
extern const size_t ox_host_n_helpers;

/* Notes on all that bpf(2) says. */
void ox_host_ask_bpf(struct ox_host *h);
/* May the verifier see a program? An fd, or -errno; ox_closep() it. */
int ox_host_prog_tiny(uint32_t prog_type, uint32_t flags);

/* 0, or -errno: does the kernel make veth pairs? None is made. */
int ox_host_ask_veth(void);
/* 0, or -errno: does clsact take a program? Tried on the loopback device of a
 * network namespace of its own. */
int ox_host_ask_cls_bpf(void);

#endif /* OVSXDP_LOADER_HOST_INT_H */
