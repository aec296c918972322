/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_ctx.h - where connection tracking has its tables, its clock and its locks:
 * bpf/tier/ct_maps.h in the programs, bpf/tier/ct_host.h over memory. As ctx.h
 * does for the datapath's.
 */
#ifndef OVSXDP_BPF_CT_CTX_H
#define OVSXDP_BPF_CT_CTX_H

#ifdef __bpf__
#include "bpf/tier/ct_maps.h"
#else
#include "bpf/tier/ct_host.h"
#endif

#endif /* OVSXDP_BPF_CT_CTX_H */
