/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exec_env.h - the surroundings of the user tier in its tests: a datapath on
 * heap memory with four ports, hands that take what leaves, action lists.
 */
#ifndef OVSXDP_TESTS_EXEC_ENV_H
#define OVSXDP_TESTS_EXEC_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "control/packet/exec.h"
#include "tests/lib/mem_heap.h"

#define OX_ENV_KEPT  8 /* packets and messages looked at */
#define OX_ENV_FRAME 4096

struct ox_env_sent {
	struct ox_output_pkt tx; /* frame, tunnel: below */
	struct ox_tun_key tunnel;
	uint32_t port_no;
	uint8_t frame[OX_ENV_FRAME];
};

struct ox_env_msg {
	uint32_t portid;
	size_t len;
	_Alignas(4) uint8_t data[8192];
};

/*
 * Ports 0 (internal) to 3, all up with an MTU of 1500 and upcall port ids
 * 100 to 103; devices 10 to 13. More that leaves than is kept is counted.
 */
struct ox_exec_env {
	struct ox_datapath dp;
	struct ox_config *cfg;
	struct ox_out out;
	int n_sent;
	struct ox_env_sent sent[OX_ENV_KEPT];
	int n_msgs;
	struct ox_env_msg msgs[OX_ENV_KEPT];
	struct ox_nlbuf acts; /* a list under construction */
	uint32_t acts_mark;
	_Alignas(4) uint8_t acts_room[40000];
};

int ox_env_new(struct ox_exec_env **out); /* 0 or -errno */
void ox_env_free(struct ox_exec_env *e);
void ox_env_forget(struct ox_exec_env *e); /* what has left */

/* An attribute of message i, or NULL. */
const struct nlattr *ox_env_attr(const struct ox_exec_env *e, int i, int type);
/* OVS_PACKET_CMD_* of message i. */
int ox_env_cmd(const struct ox_exec_env *e, int i);
uint64_t ox_env_hash(const struct ox_exec_env *e, int i);
/* A u32 in the key of message i; -1 if it isn't there. */
int64_t ox_env_key_u32(const struct ox_exec_env *e, int i, int key_attr);

/* ---- action lists ---- */

struct ox_nlbuf *ox_acts_begin(struct ox_exec_env *e);
const struct nlattr *ox_acts_end(struct ox_exec_env *e);
void ox_acts_userspace(struct ox_nlbuf *b, uint32_t pid, bool actions);
/* set(ipv4) of a UDP packet from 10.0.0.1 with TTL 64: new destination */
void ox_acts_ipv4_dst(struct ox_nlbuf *b, uint32_t dst);
void ox_acts_trunc(struct ox_nlbuf *b, uint32_t max_len);
void ox_acts_set_u32(struct ox_nlbuf *b, uint16_t key_attr, uint32_t v);

/* A flow for packets like key, by recirculation id, in_port, type and
 * protocol. */
uint32_t ox_env_flow(struct ox_exec_env *e, const struct ox_key *key,
		     const struct nlattr *nest);
/* The n-th op of that code in a flow's first slot of ops; fails if there is
 * none. */
uint16_t ox_env_op(const struct ox_exec_env *e, uint32_t flow, int code, int n);
/* What a tier of the kernel would know of a flow's list. */
void ox_env_md(const struct ox_exec_env *e, uint32_t flow,
	       struct ox_upcall_md *md);

#endif /* OVSXDP_TESTS_EXEC_ENV_H */
