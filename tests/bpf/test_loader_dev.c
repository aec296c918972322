// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_loader_dev.c - datapaths on devices: attaching, who else is there,
 * XDP_REDIRECT's reach, AF_XDP sockets. In a network namespace of its own;
 * needs root, a bpffs and iproute2.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <net/if.h>
#include <sys/wait.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "loader/priv.h"
#include "tests/lib/dp.h"
#include "tests/lib/netns.h"

static struct ox_err err;

/* A veth pair v0, v1; its index. The test deletes v0. */
static uint32_t veth(void)
{
	return ox_test_dp_veth("v0", "v1");
}

static void veth_del(void)
{
	assert_int_equal(ox_test_run("ip link del v0"), 0);
}

/* A program of someone else: passes every packet on. */
static int foreign_prog(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign", "GPL", insns, 2,
			     NULL);
}

/* Hands packets to place 0 of dp's xsks, without any metadata. */
static int bare_prog(struct ox_dp *dp)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = dp->map_fd[OX_M_XSKS] },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "bare", "GPL", insns,
			     sizeof(insns) / sizeof(*insns), NULL);
}

static void assert_attached(uint32_t ifindex, uint32_t prog_id,
			    enum ox_attach_mode mode)
{
	enum ox_attach_mode m = 99;
	uint32_t id = 99;

	assert_int_equal(ox_attach_query(ifindex, &id, &m), 0);
	assert_int_equal(id, prog_id);
	assert_int_equal(m, mode);
}

static void attach_veth(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("at");
	uint32_t v0 = veth();
	enum ox_attach_mode m;

	(void)state;
	assert_attached(v0, 0, OX_MODE_NONE);
	assert_int_equal(ox_attach(dp, v0, OX_MODE_NONE, &m, &err), 0);
	assert_int_equal(m, OX_MODE_NONE);
	assert_int_equal(ox_attach(dp, v0, OX_MODE_TC, &m, &err), 0);
	assert_int_equal(m, OX_MODE_NONE);
	assert_attached(v0, 0, OX_MODE_NONE);
	assert_int_equal(ox_attach(dp, v0, OX_MODE_AUTO, &m, &err), 0);
	assert_int_equal(m, OX_MODE_XDP);
	assert_attached(v0, ox_dp_prog_id(dp), OX_MODE_XDP);
	/* again: keeps its mode */
	assert_int_equal(ox_attach(dp, v0, OX_MODE_XDP_GENERIC, &m, &err), 0);
	assert_int_equal(m, OX_MODE_XDP);
	assert_int_equal(ox_detach(dp, v0, &err), 0);
	assert_attached(v0, 0, OX_MODE_NONE);
	assert_int_equal(ox_detach(dp, v0, &err), 0);
	assert_int_equal(ox_attach(dp, v0, OX_MODE_XDP_GENERIC, &m, &err), 0);
	assert_attached(v0, ox_dp_prog_id(dp), OX_MODE_XDP_GENERIC);
	assert_int_equal(ox_detach(dp, v0, &err), 0);
	assert_attached(v0, 0, OX_MODE_NONE);
	veth_del();
	ox_test_dp_end(dp, "at");
}

/* The loopback device has no native XDP. */
static void attach_fallback(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("fb");
	enum ox_attach_mode m = OX_MODE_NONE;
	uint32_t lo = if_nametoindex("lo");
	uint32_t v0 = veth();

	(void)state;
	assert_int_equal(ox_attach(dp, lo, OX_MODE_XDP, &m, &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.msg, "native XDP to lo"));
	assert_attached(lo, 0, OX_MODE_NONE);
	assert_int_equal(ox_attach(dp, lo, OX_MODE_AUTO, &m, &err), 0);
	assert_int_equal(m, OX_MODE_XDP_GENERIC);
	assert_attached(lo, ox_dp_prog_id(dp), OX_MODE_XDP_GENERIC);
	assert_int_equal(ox_detach(dp, lo, &err), 0);
	assert_attached(lo, 0, OX_MODE_NONE);
	ox_test_dp_end(dp, "fb");
	dp = ox_test_dp_new("fb");
	veth_del();
	assert_int_equal(ox_attach(dp, v0, OX_MODE_AUTO, &m, &err), -ENODEV);
	assert_int_equal(ox_detach(dp, v0, &err), 0);
	ox_test_dp_end(dp, "fb");
}

static void busy_with(struct ox_dp *dp, uint32_t ifindex, uint32_t flags,
		      enum ox_attach_mode mode, const char *off)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = foreign_prog();
	enum ox_attach_mode m;
	char id[32];

	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	assert_int_equal(bpf_xdp_attach(ifindex, fd, flags, NULL), 0);
	assert_int_equal(ox_attach(dp, ifindex, OX_MODE_AUTO, &m, &err),
			 -EBUSY);
	snprintf(id, sizeof(id), "id %u)", info.id);
	assert_non_null(strstr(err.msg, id));
	assert_non_null(strstr(err.msg, off));
	assert_int_equal(ox_attach(dp, ifindex, OX_MODE_XDP_GENERIC, &m, &err),
			 -EBUSY);
	assert_int_equal(ox_detach(dp, ifindex, &err), 0);
	assert_attached(ifindex, info.id, mode);
	assert_int_equal(bpf_xdp_detach(ifindex, flags, NULL), 0);
	close(fd);
}

static void attach_busy(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("busy");
	struct ox_dp *other = ox_test_dp_new("busy2");
	uint32_t v0 = veth();
	enum ox_attach_mode m;

	(void)state;
	busy_with(dp, v0, XDP_FLAGS_DRV_MODE, OX_MODE_XDP,
		  "ip link set dev v0 xdpdrv off");
	busy_with(dp, v0, XDP_FLAGS_SKB_MODE, OX_MODE_XDP_GENERIC,
		  "ip link set dev v0 xdpgeneric off");
	/* another datapath's program is foreign, too */
	assert_int_equal(ox_attach(other, v0, OX_MODE_AUTO, &m, &err), 0);
	assert_int_equal(ox_attach(dp, v0, OX_MODE_AUTO, &m, &err), -EBUSY);
	assert_int_equal(ox_detach(dp, v0, &err), 0);
	assert_attached(v0, ox_dp_prog_id(other), OX_MODE_XDP);
	veth_del();
	ox_test_dp_end(dp, "busy");
	ox_test_dp_end(other, "busy2");
}

/* Attached by hand from the pin; still there when all handles are closed. */
static void attach_by_hand(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("hand");
	uint32_t id = ox_dp_prog_id(dp);
	uint32_t v0 = veth();
	enum ox_attach_mode m;
	char cmd[200];

	(void)state;
	snprintf(cmd, sizeof(cmd), "ip link set dev v0 xdp pinned %s/xdp",
		 ox_dp_path(dp));
	assert_int_equal(ox_test_run(cmd), 0);
	assert_int_equal(ox_attach(dp, v0, OX_MODE_AUTO, &m, &err), 0);
	assert_int_equal(m, OX_MODE_XDP);
	ox_dp_close(dp);
	assert_attached(v0, id, OX_MODE_XDP);
	assert_int_equal(ox_dp_open(ox_test_dp_root(), "hand", &dp, &err), 0);
	assert_int_equal(ox_dp_prog_id(dp), id);
	assert_int_equal(ox_test_run("ip link set dev v0 xdp off"), 0);
	assert_attached(v0, 0, OX_MODE_NONE);
	veth_del();
	ox_test_dp_end(dp, "hand");
}

static void xmit_query(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("xmit");
	uint32_t v0 = veth();
	uint32_t v1 = if_nametoindex("v1");
	enum ox_attach_mode m;
	int rc = ox_xdp_xmit_query(v0);

	(void)state;
	if (rc == -EOPNOTSUPP) {
		veth_del();
		ox_test_dp_end(dp, "xmit");
		ox_skip("kernel without the netdev family (6.3)");
	}
	assert_int_equal(rc, 0);
	assert_int_equal(ox_test_run("ethtool -K v1 gro on"), 0);
	assert_int_equal(ox_xdp_xmit_query(v0), 1);
	assert_int_equal(ox_test_run("ethtool -K v1 gro off"), 0);
	assert_int_equal(ox_xdp_xmit_query(v0), 0);
	assert_int_equal(ox_attach(dp, v1, OX_MODE_XDP, &m, &err), 0);
	assert_int_equal(ox_xdp_xmit_query(v0), 1);
	assert_int_equal(ox_detach(dp, v1, &err), 0);
	assert_int_equal(ox_xdp_xmit_query(v0), 0);
	assert_int_equal(ox_xdp_xmit_query(1), 0); /* loopback */
	veth_del();
	assert_int_equal(ox_xdp_xmit_query(v0), -ENODEV);
	ox_test_dp_end(dp, "xmit");
}

static void native_query(void **state)
{
	uint32_t v0;
	int rc;

	(void)state;
	ox_test_dp_root();
	v0 = veth();
	rc = ox_xdp_native_query(v0);
	if (rc != -EOPNOTSUPP) { /* before 6.3 */
		assert_int_equal(rc, 1);
		assert_int_equal(ox_xdp_native_query(if_nametoindex("lo")), 0);
		assert_int_equal(ox_xdp_native_query(0x7ffffff0), -ENODEV);
	}
	veth_del();
	if (rc == -EOPNOTSUPP)
		ox_skip("kernel without the netdev family (6.3)");
}

static void port_device(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("pd");
	struct ox_mem *m = ox_dp_mem(dp);
	uint32_t v0 = veth();
	uint32_t v1 = if_nametoindex("v1");
	uint32_t key = 5, val = 0;

	(void)state;
	assert_int_equal(m->ops->port_device(m, 5, v0, 0), 0);
	assert_int_equal(
		bpf_map_lookup_elem(dp->map_fd[OX_M_RXPORTS], &v0, &val), 0);
	assert_int_equal(val, 5);
	assert_int_equal(bpf_map_lookup_elem(dp->map_fd[OX_M_TX], &key, &val),
			 0);
	assert_int_equal(val, v0);
	/* moved to another device */
	assert_int_equal(m->ops->port_device(m, 5, v1, v0), 0);
	assert_int_equal(
		bpf_map_lookup_elem(dp->map_fd[OX_M_RXPORTS], &v0, &val),
		-ENOENT);
	assert_int_equal(bpf_map_lookup_elem(dp->map_fd[OX_M_TX], &key, &val),
			 0);
	assert_int_equal(val, v1);
	/* out, also when it is out already */
	assert_int_equal(m->ops->port_device(m, 5, 0, v1), 0);
	assert_int_equal(m->ops->port_device(m, 5, 0, v1), 0);
	assert_int_equal(
		bpf_map_lookup_elem(dp->map_fd[OX_M_RXPORTS], &v1, &val),
		-ENOENT);
	assert_int_equal(bpf_map_lookup_elem(dp->map_fd[OX_M_TX], &key, &val),
			 -ENOENT);
	assert_int_equal(m->ops->port_device(m, 64, v0, 0), -EINVAL);
	assert_int_equal(m->ops->port_device(m, 5, 0x7ffffff0, 0), -EINVAL);
	veth_del();
	ox_test_dp_end(dp, "pd");
}

/* ---- AF_XDP ---- */

/* Port 1 of dp on v0, program attached, sockets open; frames go in by v1. */
struct rig {
	struct ox_dp *dp;
	uint32_t v0;
	int tx;
	struct ox_xsks *xsks;
	uint32_t base, n;
};

/* A socket that is closed leaves its queue a little later. */
static int xsks_open_when_free(struct ox_dp *dp, uint32_t ifindex,
			       struct ox_xsks **x, uint32_t *base, uint32_t *n)
{
	int rc = -EBUSY;

	for (int i = 0; i < 3000 && rc == -EBUSY; i++) {
		rc = ox_xsks_open(dp, ifindex, x, base, n, &err);
		if (rc == -EBUSY)
			usleep(10000);
	}
	return rc;
}

static void rig_up_mode(struct rig *r, const char *name,
			enum ox_attach_mode asked)
{
	enum ox_attach_mode m;
	struct ox_port *p;

	r->dp = ox_test_dp_new(name);
	r->v0 = veth();
	r->tx = ox_test_packet_socket("v1");
	assert_true(r->tx >= 0);
	assert_int_equal(
		ox_xsks_open(r->dp, r->v0, &r->xsks, &r->base, &r->n, &err), 0);
	p = &ox_dp_mem(r->dp)->ports[1];
	p->flags = OX_PORT_UP | OX_PORT_SKB_RX;
	p->mtu = 1500;
	p->xsk_base = r->base;
	p->n_xsk = r->n;
	p->ifindex = r->v0;
	assert_int_equal(
		ox_dp_mem(r->dp)->ops->port_device(&r->dp->mem, 1, r->v0, 0),
		0);
	assert_int_equal(ox_attach(r->dp, r->v0, asked, &m, &err), 0);
}

static void rig_up(struct rig *r, const char *name)
{
	rig_up_mode(r, name, OX_MODE_AUTO);
}

static void rig_down(struct rig *r, const char *name)
{
	ox_xsks_close(r->xsks);
	close(r->tx);
	veth_del();
	ox_test_dp_end(r->dp, name);
}

static const uint8_t frame[64] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x88, 0xb5, 'o', 'v', 's',
};

struct got {
	uint32_t n;
	uint32_t n_md;		/* with metadata */
	struct ox_upcall_md md; /* of the last */
	uint32_t len;
	uint8_t data[64];
};

static uint32_t take(const struct ox_rx *rx, void *arg)
{
	struct got *g = arg;

	g->n++;
	g->len = rx->len;
	memcpy(g->data, rx->data, rx->len < 64 ? rx->len : 64);
	/* head room is ours: a pushed header must not disturb the metadata */
	memset(rx->data - 128, 0xee, 128);
	if (rx->md) {
		g->n_md++;
		g->md = *rx->md;
	}
	return 1;
}

/* Receives until n packets are there or half a second has passed in vain. */
static void receive(struct rig *r, struct got *g, uint32_t n)
{
	struct pollfd p = { .fd = ox_xsks_fd(r->xsks, 0), .events = POLLIN };

	while (g->n < n && poll(&p, 1, 500) > 0)
		ox_xsks_rx(r->xsks, 0, 1000, take, g);
}

static void send_many(const struct rig *r, uint32_t n)
{
	while (n--)
		assert_int_equal(ox_test_send(r->tx, frame, sizeof(frame)), 0);
}

static void xsk_miss(void **state)
{
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "miss");
	assert_int_equal(r.n, 1);
	assert_int_equal(ox_xsks_fd(r.xsks, 1), -EINVAL);
	send_many(&r, 1);
	receive(&r, &g, 1);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.n_md, 1);
	assert_int_equal(g.len, sizeof(frame));
	assert_memory_equal(g.data, frame, sizeof(frame));
	assert_int_equal(g.md.magic, OX_MD_MAGIC);
	assert_int_equal(g.md.port_no, 1);
	assert_int_equal(g.md.reason, OX_UP_MISS);
	assert_int_equal(g.md.flow, OX_NONE);
	/* frames come back: more than there are, in small portions */
	while (g.n < 3000) {
		uint32_t want = g.n + 100;

		send_many(&r, 100);
		receive(&r, &g, want);
		assert_int_equal(g.n, want);
	}
	assert_int_equal(g.n_md, g.n);
	assert_int_equal(ox_xsks_lost(r.xsks), 0);
	rig_down(&r, "miss");
}

/* Generic XDP brings the metadata along, too. */
static void xsk_generic(void **state)
{
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up_mode(&r, "gen", OX_MODE_XDP_GENERIC);
	send_many(&r, 5);
	receive(&r, &g, 5);
	assert_int_equal(g.n, 5);
	assert_int_equal(g.n_md, 5);
	assert_int_equal(g.md.port_no, 1);
	assert_memory_equal(g.data, frame, sizeof(frame));
	assert_int_equal(ox_xsks_lost(r.xsks), 0);
	rig_down(&r, "gen");
}

static void xsk_budget(void **state)
{
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "budget");
	send_many(&r, 10);
	usleep(50000);
	assert_int_equal(ox_xsks_rx(r.xsks, 0, 3, take, &g), 3);
	assert_int_equal(ox_xsks_rx(r.xsks, 0, 100, take, &g), 7);
	assert_int_equal(ox_xsks_rx(r.xsks, 0, 100, take, &g), 0);
	assert_int_equal(ox_xsks_rx(r.xsks, 7, 100, take, &g), 0);
	assert_int_equal(g.n, 10);
	rig_down(&r, "budget");
}

/* Nobody reads: 512 frames hold 512 packets, each further one is counted
 * once. */
static void xsk_lost(void **state)
{
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "lost");
	send_many(&r, 600);
	usleep(100000);
	assert_int_equal(ox_xsks_lost(r.xsks), 600 - 512);
	assert_int_equal(ox_xsks_lost(r.xsks), 0);
	receive(&r, &g, 512);
	assert_int_equal(g.n, 512);
	send_many(&r, 513);
	usleep(100000);
	assert_int_equal(ox_xsks_lost(r.xsks), 1);
	rig_down(&r, "lost");
}

/* What an earlier packet left in a frame is no metadata of the next. */
static void xsk_no_metadata(void **state)
{
	struct got with = { 0 }, without = { 0 };
	struct rig r;
	int fd;

	(void)state;
	rig_up(&r, "nomd");
	assert_int_equal(r.base, 0);
	send_many(&r, 512);
	receive(&r, &with, 512);
	assert_int_equal(with.n_md, 512);
	assert_int_equal(ox_detach(r.dp, r.v0, &err), 0);
	fd = bare_prog(r.dp);
	assert_true(fd >= 0);
	assert_int_equal(bpf_xdp_attach(r.v0, fd, XDP_FLAGS_DRV_MODE, NULL), 0);
	send_many(&r, 512);
	receive(&r, &without, 512);
	assert_int_equal(without.n, 512);
	assert_int_equal(without.n_md, 0);
	assert_memory_equal(without.data, frame, sizeof(frame));
	close(fd);
	rig_down(&r, "nomd");
}

/* Closing the sockets leaves the program where it is. */
static void xsk_close_keeps_program(void **state)
{
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "keep");
	ox_xsks_close(r.xsks);
	assert_attached(r.v0, ox_dp_prog_id(r.dp), OX_MODE_XDP);
	assert_int_equal(
		xsks_open_when_free(r.dp, r.v0, &r.xsks, &r.base, &r.n), 0);
	assert_int_equal(r.base, 0);
	send_many(&r, 1);
	receive(&r, &g, 1);
	assert_int_equal(g.n_md, 1);
	rig_down(&r, "keep");
}

static void xsk_queue_busy(void **state)
{
	struct ox_xsks *second = NULL;
	uint32_t base, n;
	struct rig r;

	(void)state;
	rig_up(&r, "qbusy");
	assert_int_equal(ox_xsks_open(r.dp, r.v0, &second, &base, &n, &err),
			 -EBUSY);
	assert_non_null(strstr(err.msg, "v0 queue 0"));
	rig_down(&r, "qbusy");
	r.dp = ox_test_dp_new("qbusy");
	assert_int_equal(
		ox_xsks_open(r.dp, 0x7ffffff0, &second, &base, &n, &err),
		-ENODEV);
	ox_test_dp_end(r.dp, "qbusy");
}

/* Many queues, several ports, two datapaths: places don't overlap. */
static void xsk_places(void **state)
{
	static const char *const dev[] = { "q0", "q1", "q2" };
	struct ox_dp *dp = ox_test_dp_new("places");
	struct ox_dp *other = ox_test_dp_new("places2");
	struct ox_xsks *x[3];
	uint32_t base[3], n[3], idx[3];
	char cmd[128];
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(cmd, sizeof(cmd),
			 "ip link add %s numrxqueues 2 numtxqueues 2 type "
			 "veth peer name p%d numrxqueues 2 numtxqueues 2",
			 dev[i], i);
		assert_int_equal(ox_test_run(cmd), 0);
		idx[i] = if_nametoindex(dev[i]);
	}
	dp->mem.ports[3].ifindex = 999; /* not open yet after a restart */
	dp->mem.ports[3].xsk_base = 1;
	dp->mem.ports[3].n_xsk = 2;
	for (i = 0; i < 3; i++)
		assert_int_equal(ox_xsks_open(i == 2 ? other : dp, idx[i],
					      &x[i], &base[i], &n[i], &err),
				 0);
	assert_int_equal(n[0], 2);
	assert_int_equal(base[0], 3);
	assert_int_equal(base[1], 5);
	assert_int_equal(base[2], 0);
	assert_true(ox_xsks_fd(x[0], 0) >= 0);
	assert_true(ox_xsks_fd(x[0], 1) >= 0);
	assert_int_not_equal(ox_xsks_fd(x[0], 0), ox_xsks_fd(x[0], 1));
	/* the place that a port had is taken again */
	ox_xsks_close(x[0]);
	ox_xsks_close(x[1]);
	dp->mem.ports[1].ifindex = idx[1];
	dp->mem.ports[1].xsk_base = base[1];
	dp->mem.ports[1].n_xsk = 2;
	assert_int_equal(
		xsks_open_when_free(dp, idx[1], &x[1], &base[1], &n[1]), 0);
	assert_int_equal(base[1], 5);
	ox_xsks_close(x[1]);
	ox_xsks_close(x[2]);
	for (i = 0; i < 3; i++) {
		snprintf(cmd, sizeof(cmd), "ip link del %s", dev[i]);
		assert_int_equal(ox_test_run(cmd), 0);
	}
	ox_test_dp_end(dp, "places");
	ox_test_dp_end(other, "places2");
}

/* A process that dies with its sockets open leaves no place taken. */
static void xsk_takeover(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("tko");
	uint32_t v0 = veth();
	struct ox_xsks *x;
	uint32_t base, n;
	int i, status;

	(void)state;
	for (i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(xsks_open_when_free(dp, v0, &x, &base, &n) ||
			      base != 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(xsks_open_when_free(dp, v0, &x, &base, &n), 0);
	assert_int_equal(base, 0);
	ox_xsks_close(x);
	veth_del();
	ox_test_dp_end(dp, "tko");
}

static const struct CMUnitTest tests[] = {
	OX_TEST("loader.attach.veth", attach_veth),
	OX_TEST("loader.attach.fallback", attach_fallback),
	OX_TEST("loader.attach.busy", attach_busy),
	OX_TEST("loader.attach.by_hand", attach_by_hand),
	OX_TEST("loader.xmit.query", xmit_query),
	OX_TEST("loader.native.query", native_query),
	OX_TEST("loader.port.device", port_device),
	OX_TEST("loader.xsk.miss", xsk_miss),
	OX_TEST("loader.xsk.generic", xsk_generic),
	OX_TEST("loader.xsk.budget", xsk_budget),
	OX_TEST("loader.xsk.lost", xsk_lost),
	OX_TEST("loader.xsk.no_metadata", xsk_no_metadata),
	OX_TEST("loader.xsk.close_keeps_program", xsk_close_keeps_program),
	OX_TEST("loader.xsk.queue_busy", xsk_queue_busy),
	OX_TEST("loader.xsk.places", xsk_places),
	OX_TEST("loader.xsk.takeover", xsk_takeover),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
