/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi.h - the contract between the BPF programs and user space; a noun a file.
 *
 * Everything here lives in pinned maps that outlive the daemon, so each
 * layout is fixed: change one, and OX_ABI_VERSION goes up. Included by the
 * BPF objects, the host build of the core, the loader and the daemon.
 *
 * Byte order: header fields are in network order (__be16, __be32), all else
 * in the host's. Units: bytes, packets, nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef OVSXDP_ABI_H
#define OVSXDP_ABI_H

#include "ovsxdp/abi/base.h"

#include "ovsxdp/abi/acts.h"
#include "ovsxdp/abi/ct.h"
#include "ovsxdp/abi/daemon.h"
#include "ovsxdp/abi/datapath.h"
#include "ovsxdp/abi/flow.h"
#include "ovsxdp/abi/key.h"
#include "ovsxdp/abi/mask.h"
#include "ovsxdp/abi/meter.h"
#include "ovsxdp/abi/native.h"
#include "ovsxdp/abi/packet.h"
#include "ovsxdp/abi/port.h"
#include "ovsxdp/abi/reason.h"
#include "ovsxdp/abi/tunnel.h"

#endif /* OVSXDP_ABI_H */
