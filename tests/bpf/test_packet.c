// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_packet.c - what the daemon counts of packets that XDP has handed up and
 * no socket had room for. On real devices, in a network namespace of its own;
 * needs root, a bpffs, iproute2, ethtool.
 */
#include "tests/lib/test.h"

#include <unistd.h>

#include "control/base/loop.h"
#include "control/packet/packet.h"
#include "loader/xsk.h"
#include "tests/lib/dp.h"
#include "tests/lib/wires.h"

static struct ox_wires w;
static struct ox_packets packets;
static struct ox_datapath dp;
static struct ox_packet_port *ports[64];

static void up(void)
{
	struct ox_err e = { 0 };

	ox_wires_up(&w, "packet", OX_MODE_XDP);
	assert_int_equal(ox_loop_new(&packets.loop), 0);
	dp.dp = w.dp;
	dp.mem = w.m;
	dp.table = w.t;
	dp.packets = &packets;
	dp.packet_ports = ports;
	if (ox_packet_port_open(&dp, 1, &e))
		fail_msg("%s", e.msg);
}

/* Also after a failure, so that the next test finds no devices. */
static int teardown(void **state)
{
	(void)state;
	if (w.dp)
		ox_packet_port_close(&dp, 1);
	ox_packet_close(&packets);
	ox_loop_free(packets.loop);
	memset(&packets, 0, sizeof(packets));
	memset(&dp, 0, sizeof(dp));
	ox_wires_down(&w);
	memset(&w, 0, sizeof(w));
	return 0;
}

#define BATCH 64 /* that a veth's ring holds for sure */

/* Misses for nobody who reads; each is there when this returns. */
static void send_misses(uint32_t n)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 0, 2,	2,
					   0, 0, 0, 0, 1, 0x88, 0xb5 };
	uint64_t want = ox_wires_stats(&w).n_missed;

	for (uint32_t i = 1; i <= n; i++) {
		ox_wires_send(&w, frame, sizeof(frame));
		want++;
		if (i % BATCH && i < n)
			continue;
		for (int ms = 0; ms < 5000; ms++) {
			if (ox_wires_stats(&w).n_missed == want)
				break;
			usleep(1000);
		}
		assert_int_equal(ox_wires_stats(&w).n_missed, want);
	}
}

static void assert_lost(uint64_t n)
{
	const struct ox_dp_stats *host = &w.m->config->host;

	assert_int_equal(host->n_lost, n);
	assert_int_equal(host->reason[OX_R_SOCKET_FULL], n);
}

static void socket_full(void **state)
{
	(void)state;
	up();
	send_misses(OX_XSK_FRAMES);
	ox_packet_tick(&dp);
	assert_lost(0);
	send_misses(100);
	ox_packet_tick(&dp);
	assert_lost(100);
	/* once */
	ox_packet_tick(&dp);
	assert_lost(100);
	/* and what was lost since, when the port goes */
	send_misses(20);
	ox_packet_port_close(&dp, 1);
	assert_lost(120);
	assert_int_equal(w.m->ports[1].n_xsk, 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("bpf.packet.socket_full", socket_full, NULL, teardown),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
