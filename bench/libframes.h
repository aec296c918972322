/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libframes.h - own traffic and its price: frames by BPF_PROG_TEST_RUN, in
 * namespaces and on veth pairs of the benchmark's own. All functions that
 * can fail end the program with a text: a benchmark has nobody to tell.
 */
#ifndef OVSXDP_BENCH_LIBFRAMES_H
#define OVSXDP_BENCH_LIBFRAMES_H

#include <stdint.h>

/* Moves the process to a network namespace of its own; it ends with it. */
void ox_bench_netns(void);
/* Makes a veth pair, both ends up, with NAPI; returns a's ifindex. */
uint32_t ox_bench_veth(const char *a, const char *b);
/* Runs a shell command, which has to succeed. */
void ox_bench_sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* To one CPU, or to all others; no-op where there is only one. */
void ox_bench_pin(int cpu);
void ox_bench_pin_others(int cpu);
uint64_t ox_bench_ns(void); /* CLOCK_MONOTONIC */
/* A number from 1 on that the environment may give. */
uint32_t ox_bench_number(const char *name, uint32_t otherwise);
void ox_bench_die(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* XDP programs that know frags, as the datapath's; they return its fd. */
int ox_frames_prog(uint32_t verdict); /* always the same XDP_* */
/* bpf_redirect_map() to ifindex, and nothing else. */
int ox_frames_prog_redirect(uint32_t ifindex);
/* Drops, but puts the first bytes of ox_frame back to where they were, since
 * the kernel uses a live frame's page again as it is. moved says how far the
 * frame's start has gone: -4 for a tag that was pushed. */
int ox_frames_prog_restore(int moved);
/* Attaches to ifindex, natively. */
void ox_frames_attach(int prog_fd, uint32_t ifindex);

#define OX_FRAME_LEN 64 /* of the first one: see below */
#define OX_FRAME_MAX 128
/* What is sent: a UDP frame 10.0.0.1:1000 > 10.0.0.2:2000 of OX_FRAME_LEN
 * bytes, until ox_frames_use() says something else. */
extern uint8_t ox_frame[OX_FRAME_MAX];
extern uint32_t ox_frame_len;
void ox_frames_use(const void *frame, uint32_t len);

/* Runs prog n times on one and the same buffer (BPF_PROG_TEST_RUN with
 * repeat): the program's own cost, no frame moves. ns a run. */
double ox_frames_plain(int prog_fd, uint32_t ifindex, uint32_t n);
/* Runs prog on n live frames that seem to come in by ifindex and go where
 * the program sends them (BPF_F_TEST_XDP_LIVE_FRAMES). ns a frame. */
double ox_frames_live(int prog_fd, uint32_t ifindex, uint32_t n);
/* The best of several rounds of about 30 ms each, after a warm-up. As many
 * and as long as ROUNDS and ROUND_MS of the environment say. */
double ox_frames_best(double (*run)(int, uint32_t, uint32_t), int prog_fd,
		      uint32_t ifindex);

/* How many rounds, and how many packets at ns each make one. */
uint32_t ox_frames_rounds(void);
uint32_t ox_frames_round(double ns);
/* Live frames that were sent so far, and that a device has received; both
 * wrap around. */
uint32_t ox_frames_sent(void);
uint32_t ox_frames_received(const char *dev);

#endif /* OVSXDP_BENCH_LIBFRAMES_H */
