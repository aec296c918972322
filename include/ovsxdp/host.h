/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * host.h - what a datapath needs of the kernel and of this process, feature by
 * feature. A version number says little: distributions bring newer BPF to old
 * kernels, and small kernels leave parts out. So each feature is tried.
 *
 * ox_host_probe() tries and only notes how the kernel answered; the rest of
 * this file judges these notes, without any system call.
 */
#ifndef OVSXDP_HOST_H
#define OVSXDP_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsxdp/err.h"

/* Causes in front of what they cause: the first that is missing is named. */
#define OX_HOST_FEATURES(X)                                          \
	X(PRIVILEGES, "privileges")                                  \
	X(BPF, "bpf")	  /* bpf(2) answers */                       \
	X(BPFFS, "bpffs") /* the folder of pins */                   \
	X(JIT, "jit")	  /* programs become machine code */         \
	X(LOOP, "bpf_loop")                                          \
	X(FRAGS, "xdp.frags")	    /* frames of several buffers */  \
	X(HELPERS, "helpers")	    /* what else programs call */    \
	X(PEER, "redirect-peer")    /* the helper */                 \
	X(TAIL_CALLS, "tail-calls") /* beside function calls */      \
	X(LOCK, "spin-lock")	    /* of meters */                  \
	X(RING, "ring-buffer")	    /* skb tier to user space */     \
	X(MMAP, "mapped-arrays")    /* also inside of other maps */  \
	X(DEVMAP, "devmap")	    /* outputs, one or several */    \
	X(TEST_RUN, "test-run")	    /* BPF_PROG_TEST_RUN */          \
	X(NETNS_COOKIE, "netns-cookie")                              \
	X(PACKET, "packet-sockets")                                  \
	X(VETH, "veth")	      /* internal ports */                   \
	X(CLS_BPF, "cls_bpf") /* either of these two */              \
	X(TCX, "tcx")                                                \
	X(XSK, "xdp-sockets")                                        \
	X(XDP_FEATURES, "xdp-features")	  /* family "netdev" */      \
	X(PERCPU_LOOKUP, "percpu-lookup") /* another CPU's values */ \
	X(PROGRAMS, "programs")		  /* the verifier takes them all */

enum ox_host_feature {
#define OX_HOST_ENUM(id, name) OX_HOST_##id,
	OX_HOST_FEATURES(OX_HOST_ENUM)
#undef OX_HOST_ENUM
		OX_HOST_COUNT,
};

#define OX_HOST_UNASKED 1 /* a note: neither there nor missing */

struct ox_host {
	int note[OX_HOST_COUNT]; /* 0: there; -errno: the kernel's answer;
				  * OX_HOST_UNASKED */
	uint32_t caps_missing;	 /* OX_HOST_CAP_* */
	uint32_t helper;	 /* the first one missing; enum bpf_func_id */
	int jit_knob;		/* net.core.bpf_jit_enable; -1: can't be read */
	char kernel[65];	/* release */
	char lockdown[20];	/* none, integrity, confidentiality; "" */
	char root_why[256];	/* what is wrong with the folder of pins */
	char programs_why[256]; /* what the loader said */
};
#define OX_HOST_CAP_SYS_ADMIN 0x1
#define OX_HOST_CAP_NET_ADMIN 0x2
#define OX_HOST_CAP_NET_RAW   0x4

/* ---- host.c: asks the kernel ---- */

/* root is the folder of pins, which need not be there. Nothing of the system
 * is changed. "programs" is left unasked, and "cls_bpf" where tcx is there. */
void ox_host_probe(struct ox_host *h, const char *root);
/* These two as well: some seconds of CPU, and a network namespace made and
 * thrown away. */
void ox_host_probe_long(struct ox_host *h);

/* ---- host_table.c: judges ---- */

const char *ox_host_name(enum ox_host_feature f);
/* Would there be no datapath without f, other things as noted? */
bool ox_host_needed(const struct ox_host *h, enum ox_host_feature f);
/* Why f isn't there and what mends it; "" if it is, or wasn't asked. */
void ox_host_why(const struct ox_host *h, enum ox_host_feature f, char *buf,
		 uint32_t size);
/* What is lost without f. */
const char *ox_host_costs(const struct ox_host *h, enum ox_host_feature f);
/* Nothing that is needed is known to be missing. */
bool ox_host_can(const struct ox_host *h);
/* 0 if it can; else -errno, and e names the first that is missing with its
 * cause, and the others. -EPERM: privileges, -ENODEV: bpffs, else -ENOSYS. */
int ox_host_verdict(const struct ox_host *h, struct ox_err *e);

#endif /* OVSXDP_HOST_H */
