/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx.h - the context that the core is compiled for: how it reads, writes and
 * moves a packet (ox_ctx, ctx_*()), and where its tables are (tbl_*()). Whoever
 * includes one of bpf/tier/ctx_*.h before a header of the core has chosen; all
 * headers of the core include this one, so each compiles alone, too.
 */
#ifndef OVSXDP_BPF_CTX_H
#define OVSXDP_BPF_CTX_H

#if !defined(OX_CTX_XDP) && !defined(OX_CTX_TC) && !defined(OX_CTX_HOST)
#ifdef __bpf__
#include "bpf/tier/ctx_xdp.h"
#else
#include "bpf/tier/ctx_host.h"
#endif
#endif

#endif /* OVSXDP_BPF_CTX_H */
