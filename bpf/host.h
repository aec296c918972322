/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * host.h - the host build of the packet core (build/libcore.a): the same
 * parse.h, lookup.h and actions.h that the BPF programs include, compiled
 * for user space over struct ox_mem. It is the user tier, and what the unit
 * tests, the fuzzers and the differential tests run. No I/O, no privileges.
 */
#ifndef OVSXDP_BPF_HOST_H
#define OVSXDP_BPF_HOST_H

#include <stdint.h>

#include "ovsxdp/abi.h"
#include "bpf/core/pkt.h" /* enum ox_verdict */
#include "ovsxdp/mem.h"

#define OX_HOST_HEADROOM 128

struct ox_ct_run;     /* include/ovsxdp/ct_pkt.h */
struct ox_ct_act;     /* ovsxdp/abi/ct.h */
struct ox_host_trace; /* bpf/trace.h */

/* A packet in user space. The owner provides head and tail room. */
struct ox_host_pkt {
	uint8_t *data;
	uint32_t len;
	uint32_t headroom; /* writable bytes in front of data */
	uint32_t tailroom; /* writable bytes after data + len */
	uint32_t in_port;  /* datapath port number */
	uint32_t mru;	   /* largest fragment it was put together from, or 0 */
	uint32_t gso_size; /* payload of a segment of GSO, or 0. It runs whole;
			    * who takes it from the sink segments it */
	__be16 protocol;   /* in the sink: skb->protocol, as the key may lag
			    * after a head that was moved. Else 0 */
	struct ox_key key; /* kept current by the actions; key.mac_proto 0: the
			    * data starts with the network header */
	const struct ox_tun *tun; /* the rest of a key with a tunnel; else NULL,
				   * or anything. Stays as it came */
	const struct ox_tun_key *tun_out; /* in the sink: the tunnel key that is
					   * set; NULL: none. Else NULL */
};

/* A list of ops on its way. */
struct ox_host_list {
	uint32_t flow; /* whose list it is, or OX_NONE: an EXECUTE's */
	const struct ox_op *ops; /* contiguous; NULL: those of the flow */
	uint32_t n_ops;
	uint32_t pc;	  /* op to begin with */
	uint32_t end;	  /* stop in front of this op; OX_NONE: at the end */
	uint32_t keep;	  /* OX_OP_TRUNC in force: bytes to keep; 0: none is */
	uint32_t stale;	  /* an op before pc has moved the head (OX_MD_STALE) */
	uint32_t level;	  /* lists around, 0..OX_MAX_LEVEL */
	uint32_t has_tun; /* a TUN of a flow's list is in force: */
	uint32_t tun_out; /* OX_TUN_REF(), */
	uint32_t tun_gen; /* and the generation of its list */
	struct ox_work *work; /* what the packet has cost so far, which goes on
			       * counting; NULL: nothing */
};

/*
 * Where a packet goes. Called during ox_host_run(); the packet is the
 * callee's only during the call. cutlen: bytes at its end that must not be
 * sent.
 */
struct ox_host_sink {
	void (*output)(void *arg, uint32_t port_no,
		       const struct ox_host_pkt *pkt, uint32_t cutlen);
	/* flow: whose list it is (OX_NONE: the list that was given);
	 * attr_off: offset of the OVS_ACTION_ATTR_USERSPACE attribute in the
	 * verbatim list. */
	void (*userspace)(void *arg, uint32_t flow, uint32_t attr_off,
			  const struct ox_host_pkt *pkt, uint32_t cutlen);
	/* a recirculated packet found no flow */
	void (*miss)(void *arg, const struct ox_host_pkt *pkt);
	/* verbatim attribute of a PUSH_NSH: its OVS_ACTION_ATTR_PUSH_NSH nest
	 * at attr_off; writes at most 256 bytes of NSH header to hdr, returns
	 * their number */
	uint32_t (*nsh)(void *arg, uint32_t flow, uint32_t attr_off,
			uint8_t *hdr);
	/* A packet meets the table of connections: what is enum ox_ct_do.
	 * *run has its tuple and header, *key what comes of it; as
	 * ct_execute(). Returns 0 or a positive errno. NULL: there is no
	 * table, EINVAL. */
	int (*ct)(void *arg, uint32_t what, struct ox_ct_run *run,
		  struct ox_key *key, const struct ox_ct_act *act);
	/* The connection run->idx has a helper, if it is still that of
	 * run->gen: it looks at the packet, whose headers are at l3 and l4, and
	 * which it may rewrite. Returns 0, or a positive errno with which the
	 * packet is dropped. NULL: there are none. */
	int (*help)(void *arg, struct ox_host_pkt *pkt, uint32_t l3,
		    uint32_t l4, const struct ox_ct_run *run);
	/* A fragment meets ct() in that zone; its IP header is at l3. 0: it
	 * goes on, put together with those before, or as it is. The key isn't
	 * touched. -EINPROGRESS: it was taken; other errors: it is lost, and
	 * was counted. NULL: nobody takes it. */
	int (*defrag)(void *arg, struct ox_host_pkt *pkt, uint32_t l3,
		      uint16_t zone);
	/* The packet, or a branch's copy, is dropped, and counted for that
	 * reason; flow: that it matched last, or OX_NONE. NULL: nobody asks. */
	void (*drop)(void *arg, uint32_t reason, uint32_t flow,
		     const struct ox_host_pkt *pkt);
	void *arg;
	/* The packet is only followed: ox_host_trace(). Else NULL */
	struct ox_host_trace *trace;
};

/*
 * Fills *key as ovs_flow_key_extract() does for a frame that came in by
 * in_port (recirc_id, mark, priority... zero). 0, or -EINVAL for a frame
 * shorter than an Ethernet header.
 */
int ox_host_extract(const void *frame, uint32_t len, uint32_t in_port,
		    struct ox_key *key);

/* The same for a packet without an Ethernet header (L3 port, or an EXECUTE
 * whose key has none); eth_type in network order. */
int ox_host_extract_l3(const void *packet, uint32_t len, __be16 eth_type,
		       uint32_t in_port, struct ox_key *key);

/*
 * Looks key up in all masks, hottest first, as the data plane does on a
 * cache miss. tun: the rest of a key with a tunnel; else NULL, or anything.
 * The same in the functions below. Returns the flow's index or OX_NONE;
 * *n_mask_hit (may be NULL) is the number of masks looked at.
 */
uint32_t ox_host_lookup(const struct ox_mem *m, const struct ox_key *key,
			const struct ox_tun *tun, uint32_t *n_mask_hit);

/* Is flow live, and does key match it under its own mask? As the data plane
 * verifies what its cache names. */
int ox_host_flow_match(const struct ox_mem *m, uint32_t flow,
		       const struct ox_key *key, const struct ox_tun *tun);

/* Hash of a key under a compact mask; same value as the data plane's. */
uint64_t ox_host_mask_hash(const struct ox_mask *mask, const struct ox_key *key,
			   const struct ox_tun *tun);

/* Hash of a packet's flow, as the mask cache uses it and as
 * OVS_PACKET_ATTR_HASH reports it; never 0. */
uint32_t ox_host_key_hash(const struct ox_key *key);

/*
 * Runs a list on pkt, through recirculations and branches, with the interpreter
 * that the kernel tiers run (interp.h). Completes a partial checksum first.
 * Counts lookups, hits and drops in m->config->host, flows in
 * ox_flow_more.base. Returns 0, or the module's error where an edit didn't fit
 * the packet
 * (-ENOMEM: it ends too early). Then the packet was dropped, and the rest of
 * the list wasn't done. -EINVAL is for a packet that can't be parsed.
 */
int ox_host_run(struct ox_mem *m, const struct ox_host_list *list,
		struct ox_host_pkt *pkt, const struct ox_host_sink *sink);

/* The tunnel key of the TUN at a place of a list (OX_TUN_REF(), generation).
 * -ENOENT: that list has gone. */
int ox_host_tun(const struct ox_mem *m, uint32_t tun_out, uint32_t tun_gen,
		struct ox_tun_key *out);

/* The key of a packet of which a tier of the kernel told ct_state and ct_zone:
 * the rest of its connection, from the sink's table. */
void ox_host_ct_refill(struct ox_host_pkt *pkt,
		       const struct ox_host_sink *sink);

/* Fills in an L4 checksum that holds only the pseudo-header sum (docs/facts.md,
 * V2). Returns 1 if it did, 0 if there was nothing to do. */
int ox_host_csum_complete(struct ox_host_pkt *pkt);

/*
 * The whole of the XDP program on the host, for tests: port, parse, cache,
 * lookup, actions; counts into the given statistics instead of maps.
 */
struct ox_host_rx_out {
	struct ox_dp_stats dp;
	struct ox_port_stats in;	 /* ingress port's */
	struct ox_port_stats out;	 /* egress port's */
	struct ox_flow_stats flow_stats; /* of .flow (used is not set) */
	uint32_t flow;			 /* index or OX_NONE */
	uint32_t arg;			 /* see enum ox_verdict */
	uint32_t acts;			 /* OX_V_RUN, OX_V_DOWN: the list, */
	uint32_t pc;			 /* and the op to go on with */
};
enum ox_verdict ox_host_rx(struct ox_mem *m, struct ox_cache *cache,
			   struct ox_host_pkt *pkt, struct ox_host_rx_out *out);

/* What a datagram of a tunnel's came with, which its payload doesn't say. */
struct ox_host_tun_in {
	uint32_t family; /* AF_INET, AF_INET6 */
	__be32 src[4];	 /* IPv4 in the first word */
	__be32 dst[4];
	__be16 sport;
	__be16 port; /* that it was for */
	uint8_t tos;
	uint8_t ttl;
	uint16_t kind; /* OX_VPORT_* */
	uint32_t exts; /* OX_TUN_EXT_* */
};
/*
 * The tunnel key of what comes after UDP, or after IP where the kind has no
 * UDP: *w23 as in struct ox_key, and *tun. Returns the bytes in front of the
 * inner frame, -EINVAL for what the kernel's device wouldn't take, or -ENOENT
 * for a packet of GRE that is another's.
 */
int ox_host_tun_in(const uint8_t *payload, uint32_t len,
		   const struct ox_host_tun_in *in, __u64 *w23,
		   struct ox_tun *tun);

#endif /* OVSXDP_BPF_HOST_H */
