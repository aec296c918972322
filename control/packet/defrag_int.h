/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * defrag_int.h - inside defrag*.c: packets that wait for fragments, by what
 * their fragments have in common, and who pays for their memory.
 */
#ifndef OVSXDP_DEFRAG_INT_H
#define OVSXDP_DEFRAG_INT_H

#include <stdbool.h>

#include "control/packet/defrag.h"

/* A port of a datapath, while it has something in here. */
struct ox_defrag_payer {
	struct ox_defrag_payer *next;
	__u64 *reasons;
	uint32_t port_no;
	uint32_t refs;
	uint32_t used[2]; /* bytes */
};

/* An IPv4 source, likewise: struct inet_peer. */
struct ox_defrag_source {
	struct ox_defrag_source *next;
	__be32 addr;
	uint32_t n; /* fragments that it has sent */
	uint32_t refs;
};

/* What fragments of one packet have in common; without padding. */
struct ox_defrag_id {
	__be32 src[4];
	__be32 dst[4];
	__be32 id;
	uint16_t zone;
	uint8_t proto; /* IPv6: 0 */
	uint8_t v6;
	uint32_t port_no; /* IPv6 to a link's address; else 0, as dp is */
	uint32_t pad;
	uint64_t dp;
};

/* Payload without a gap: a run of fragrun_*() of net/ipv4/inet_fragment.c. */
struct ox_defrag_run {
	uint32_t off;
	uint32_t len;
	uint32_t room;
	uint8_t *data;
};

struct ox_defrag_queue {
	struct ox_defrag_queue *next; /* in its bucket */
	/* by age, in its family */
	struct ox_defrag_queue *older, *newer;
	struct ox_defrag_id id;
	struct ox_defrag_payer *payer;
	struct ox_defrag_source *source; /* IPv4 */
	uint32_t dist;			 /* its n at the last fragment */
	int64_t expires_ms;
	uint32_t n;	   /* fragments in here */
	uint32_t mem;	   /* bytes that they take */
	uint32_t len;	   /* of the payload, as far as it is known */
	uint32_t meat;	   /* of it, what is here */
	uint32_t max_size; /* as inet_frag_queue.max_size; and of those with */
	uint32_t max_df;   /* "don't fragment" */
	uint8_t ecn;	   /* a bit for each value met */
	bool first;	   /* is here, or the last one */
	bool last;
	uint8_t *head; /* what precedes the payload, of the first one */
	uint32_t head_len;
	uint32_t head_l3; /* offset of the IP header in it */
	uint32_t n_runs;  /* sorted, none overlaps */
	uint32_t run_room;
	struct ox_defrag_run *runs;
};

#define OX_DEFRAG_BUCKETS 1024

struct ox_defrag {
	struct ox_defrag_conf conf;
	uint64_t seed;
	uint32_t used[2];
	uint32_t n;
	struct ox_defrag_queue *oldest[2], *newest[2];
	struct ox_defrag_queue *buckets[OX_DEFRAG_BUCKETS];
	struct ox_defrag_payer *payers[OX_DEFRAG_BUCKETS];
	struct ox_defrag_source *sources[OX_DEFRAG_BUCKETS];
};

/* The queue of id, which is made if there is none. NULL: no memory. */
struct ox_defrag_queue *ox_defrag_find(struct ox_defrag *d,
				       const struct ox_defrag_id *id,
				       const struct ox_defrag_in *in);
/* Takes it out and frees it. Its fragments count as lost for why, unless that
 * is OX_R_NONE. */
void ox_defrag_kill(struct ox_defrag *d, struct ox_defrag_queue *q,
		    enum ox_reason why);
/* ip_frag_reinit(): what is here is lost, and time begins again. */
void ox_defrag_again(struct ox_defrag *d, struct ox_defrag_queue *q,
		     int64_t now_ms);

enum ox_defrag_put {
	OX_DEFRAG_PUT,
	OX_DEFRAG_DUP,
	OX_DEFRAG_OVERLAP,
	OX_DEFRAG_NO_MEM,
};

/* inet_frag_queue_insert(): len bytes of payload for off to end. */
enum ox_defrag_put ox_defrag_insert(struct ox_defrag *d,
				    struct ox_defrag_queue *q, uint32_t off,
				    uint32_t end, const uint8_t *data,
				    uint32_t len);
/* The first fragment's headers. Not 0: no memory. */
int ox_defrag_head(struct ox_defrag *d, struct ox_defrag_queue *q,
		   const uint8_t *head, uint32_t len, uint32_t l3);

#endif /* OVSXDP_DEFRAG_INT_H */
