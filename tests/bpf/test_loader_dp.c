// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_loader_dp.c - datapaths without devices: creating, opening, growing,
 * counters, the daemon's state. Needs root and a bpffs.
 */
#include "tests/lib/test.h"

#include <sys/wait.h>
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/capability.h>
#include <bpf/bpf.h>

#include "loader/priv.h"
#include "tests/lib/netns.h"

#define SMALL_FLOWS 16384 /* four chunks */

static struct ox_err err;

static const char *root_or_skip(void)
{
	const char *why = "?";
	const char *root = ox_test_root(&why);

	if (!root)
		ox_skip(why);
	err.msg[0] = '\0';
	return root;
}

static struct ox_dp *create(const char *name)
{
	struct ox_dp_params p = {
		.max_flows = SMALL_FLOWS,
		.max_masks = 64,
		.max_ports = 64,
		.cache_size = 256,
		.netns_cookie = 77,
	};
	const char *root = root_or_skip();
	struct ox_dp *dp = NULL;
	int rc;

	strncpy(p.name, name, sizeof(p.name) - 1);
	rc = ox_dp_create(root, &p, &dp, &err);
	if (rc)
		print_message("# %s\n", err.msg);
	assert_int_equal(rc, 0);
	return dp;
}

static struct ox_dp *reopen(struct ox_dp *dp, const char *name)
{
	struct ox_dp *out = NULL;

	ox_dp_close(dp);
	assert_int_equal(ox_dp_open(root_or_skip(), name, &out, &err), 0);
	return out;
}

static void destroy(struct ox_dp *dp, const char *name)
{
	ox_dp_close(dp);
	assert_int_equal(ox_dp_remove(root_or_skip(), name, &err), 0);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void create_defaults(void **state)
{
	struct ox_dp_params p = { .name = "def" };
	const char *root = root_or_skip();
	const struct ox_config *c;
	struct ox_dp *dp;
	struct ox_mem *m;
	double t = now_ms();

	(void)state;
	assert_int_equal(ox_dp_create(root, &p, &dp, &err), 0);
	print_message("# created in %.0f ms\n", now_ms() - t);
	m = ox_dp_mem(dp);
	c = m->config;
	assert_int_equal(c->magic, OX_ABI_MAGIC);
	assert_int_equal(c->version, OX_ABI_VERSION);
	assert_string_equal((const char *)c->name, "def");
	assert_int_equal(c->max_flows, 1048576);
	assert_int_equal(c->max_masks, 8192);
	assert_int_equal(c->max_ports, 4096);
	assert_int_equal(c->chunk_shift, 15);
	assert_int_equal(c->n_buckets, 1048576 / 5 + 1);
	assert_true(c->hash_seed & 1);
	assert_int_equal(m->n_flow_chunks, 1);
	assert_int_equal(m->n_acts_chunks, 1);
	assert_true(ox_dp_prog_id(dp) > 0);
	/* the last elements are there and zero */
	assert_int_equal(m->scan[2 * c->max_masks - 1].n_words, 0);
	assert_int_equal(m->buckets[c->n_buckets - 1].sig[7], 0);
	assert_int_equal(m->uports[c->max_ports - 1].type, 0);
	assert_int_equal(ox_mem_flow(m, 32767)->state, OX_FREE);
	assert_int_equal(ox_mem_uflow(m, 32767)->acts, 0);
	assert_int_equal(ox_mem_acts(m, 1023)->state, OX_FREE);
	assert_null(ox_mem_flow(m, 32768));
	destroy(dp, "def");
}

/* Its limits are those of the start, all else comes with the name. */
static void create_ahead(void **state)
{
	struct ox_dp_params p = { .max_flows = SMALL_FLOWS };
	struct pollfd made = { .events = POLLIN };
	struct ox_ahead *a = NULL;
	struct ox_dp *dp = NULL;
	uint64_t seed;

	(void)state;
	root_or_skip();
	assert_int_equal(ox_ahead_start(&p, 0, &a, &err), 0);
	assert_true(ox_ahead_fits(a, &p));
	p.max_masks = 64;
	assert_false(ox_ahead_fits(a, &p));
	p.max_masks = 0;
	made.fd = ox_ahead_fd(a);
	assert_int_equal(poll(&made, 1, 600000), 1);
	strcpy(p.name, "a.head");
	p.netns_cookie = 77;
	p.cache_size = 512;
	assert_int_equal(ox_ahead_create(a, root_or_skip(), &p, &dp, &err), 0);
	assert_int_equal(dp->mem.config->netns_cookie, 77);
	assert_int_equal(dp->mem.config->cache_size, 512);
	assert_string_equal((const char *)dp->mem.config->name, "a.head");
	seed = dp->mem.config->hash_seed;
	dp = reopen(dp, "a.head");
	assert_int_equal(dp->mem.config->hash_seed, seed);
	destroy(dp, "a.head");
}

/* Limits are checked at the start; a name that is taken later on. */
static void create_ahead_fails(void **state)
{
	struct ox_dp_params p = { .max_masks = 1u << 30 };
	struct ox_dp *dp = create("taken"), *other = NULL;
	struct ox_ahead *a = NULL;

	(void)state;
	assert_int_equal(ox_ahead_start(&p, 0, &a, &err), -EINVAL);
	assert_null(a);
	p.max_masks = 64;
	assert_int_equal(ox_ahead_start(&p, 0, &a, &err), 0);
	strcpy(p.name, "taken");
	assert_int_equal(ox_ahead_create(a, root_or_skip(), &p, &other, &err),
			 -EEXIST);
	dp = reopen(dp, "taken"); /* untouched */
	destroy(dp, "taken");
	assert_int_equal(ox_ahead_start(&p, 0, &a, &err), 0);
	ox_ahead_free(a); /* waits */
}

static void create_exists(void **state)
{
	struct ox_dp_params p = { .name = "twice" };
	struct ox_dp *dp = create("twice");
	struct ox_dp *second = NULL;

	(void)state;
	assert_int_equal(ox_dp_create(root_or_skip(), &p, &second, &err),
			 -EEXIST);
	assert_non_null(strstr(err.msg, "twice"));
	dp = reopen(dp, "twice"); /* untouched */
	destroy(dp, "twice");
}

static void create_refuses(void **state)
{
	static const struct ox_dp_params bad[] = {
		{ .name = "a/b" },
		{ .name = "x", .max_flows = 0xffffffff },
		{ .name = "x", .max_masks = 1000000 },
		{ .name = "x", .max_ports = 65536 },
		{ .name = "x", .cache_size = 3 },
		{ .name = "x", .cache_size = 2 * OX_CACHE_MAX },
	};
	const char *root = root_or_skip();
	struct ox_dp *dp = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		err.msg[0] = '\0';
		assert_int_equal(ox_dp_create(root, &bad[i], &dp, &err),
				 -EINVAL);
		assert_true(err.msg[0]);
	}
	assert_int_equal(ox_dp_open(root, "x", &dp, &err), -ENOENT);
}

/* /tmp is no bpffs: pinning fails after the folder was made. */
static void create_undone(void **state)
{
	struct ox_dp_params p = { .name = "undone", .max_flows = 4096 };
	char root[] = "/tmp/ox-undone-XXXXXX";
	struct ox_dp *dp = NULL;

	(void)state;
	root_or_skip();
	assert_non_null(mkdtemp(root));
	assert_true(ox_dp_create(root, &p, &dp, &err) < 0);
	assert_non_null(strstr(err.msg, "config"));
	assert_int_equal(rmdir(root), 0); /* empty */
	assert_int_equal(ox_dp_create(root, &p, &dp, &err), -ENOENT);
	assert_non_null(strstr(err.msg, "mount -t bpf"));
}

/* Without CAP_PERFMON maps can be made, but no program passes. */
static int create_unprivileged(const char *root)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct ox_dp_params p = { .name = "weak", .max_flows = 4096 };
	struct __user_cap_data_struct c[2];
	struct ox_dp *dp = NULL;

	if (syscall(SYS_capget, &h, c))
		return 1;
	c[0].effective &= ~(1u << CAP_SYS_ADMIN);
	c[1].effective &= ~(1u << (CAP_PERFMON - 32));
	if (syscall(SYS_capset, &h, c))
		return 2;
	if (ox_dp_create(root, &p, &dp, &err) != -EACCES)
		return 3;
	return strstr(err.msg, "ovsxdp_") && strstr(err.msg, "weak") &&
			       strstr(err.msg, "CAP_PERFMON")
		       ? 0
		       : 4;
}

static void create_load_fails(void **state)
{
	const char *root = root_or_skip();
	struct ox_dp *dp = NULL;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid)
		_exit(create_unprivileged(root));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* and nothing is left of it */
	assert_int_equal(ox_dp_open(root, "weak", &dp, &err), -ENOENT);
}

static void probe_no_bpffs(void **state)
{
	(void)state;
	root_or_skip();
	assert_int_equal(ox_probe("/tmp/ox-no-bpffs", &err), -ENODEV);
	assert_non_null(strstr(err.msg, "mount -t bpf bpf /sys/fs/bpf"));
	assert_int_equal(access("/tmp/ox-no-bpffs", F_OK), -1);
	assert_int_equal(ox_probe("relative", &err), -EINVAL);
}

static void open_shares(void **state)
{
	struct ox_dp *a = create("sh.are");
	struct ox_dp *b = NULL;

	(void)state;
	assert_non_null(strstr(ox_dp_path(a), "/sh%2eare"));
	assert_int_equal(ox_dp_open(root_or_skip(), "sh.are", &b, &err), 0);
	assert_int_equal(ox_dp_prog_id(a), ox_dp_prog_id(b));
	assert_int_equal(b->mem.config->netns_cookie, 77);
	ox_mem_flow_more(&a->mem, 4095)->hash = 42;
	ox_mem_flow_more(&a->mem, 4095)->base.bytes = 43;
	ox_mem_acts(&a->mem, 1023)->next = 44;
	a->mem.masks[63].n_flows = 45;
	a->mem.scan[127].n_flows = 46;
	a->mem.prune[2 * OX_PRUNE_HALF(64) - 1].may[OX_DIMS - 1][255] = 50;
	a->mem.buckets[4095].overflow = 47;
	a->mem.ports[63].mtu = 48;
	a->mem.uports[63].n_pids = 49;
	ox_dp_close(a); /* the pins keep it */
	assert_int_equal(ox_mem_flow_more(&b->mem, 4095)->hash, 42);
	assert_int_equal(ox_mem_flow_more(&b->mem, 4095)->base.bytes, 43);
	assert_int_equal(ox_mem_acts(&b->mem, 1023)->next, 44);
	assert_int_equal(b->mem.masks[63].n_flows, 45);
	assert_int_equal(b->mem.scan[127].n_flows, 46);
	assert_int_equal(
		b->mem.prune[2 * OX_PRUNE_HALF(64) - 1].may[OX_DIMS - 1][255],
		50);
	assert_int_equal(b->mem.buckets[4095].overflow, 47);
	assert_int_equal(b->mem.ports[63].mtu, 48);
	assert_int_equal(b->mem.uports[63].n_pids, 49);
	destroy(b, "sh.are");
	assert_int_equal(ox_dp_open(root_or_skip(), "sh.are", &b, &err),
			 -ENOENT);
}

static void open_torn(void **state)
{
	static const char *const parts[] = {
		"xdp",	  "tx",	     "uports", "sync",	"uflows-0",
		"tc",	  "skb_tx",  "clone",  "meter", "ring",
		"meters", "xdp_jmp", "tc_jmp",
	};
	struct ox_dp *dp = create("torn");
	struct ox_dp *out = NULL;
	size_t i;

	(void)state;
	dp->mem.config->magic = 0;
	ox_dp_close(dp);
	assert_int_equal(ox_dp_open(root_or_skip(), "torn", &out, &err),
			 -EILSEQ);
	assert_null(strstr(err.msg, "rm -r"));
	assert_int_equal(ox_dp_remove(root_or_skip(), "torn", &err), 0);
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char *path;

		dp = create("torn");
		path = ox_pin_path(ox_dp_path(dp), parts[i]);
		assert_int_equal(unlink(path), 0);
		free(path);
		ox_dp_close(dp);
		assert_int_equal(ox_dp_open(root_or_skip(), "torn", &out, &err),
				 -EILSEQ);
		assert_int_equal(ox_dp_remove(root_or_skip(), "torn", &err), 0);
	}
	dp = create("torn"); /* nothing stands in the way */
	destroy(dp, "torn");
}

/* The programs that only tail calls reach: held by the pinned arrays alone. */
static void open_jumps(void **state)
{
	static const enum ox_map jumps[] = { OX_M_XDP_JMP, OX_M_TC_JMP };
	struct ox_dp *dp, *out = NULL;
	uint32_t zero = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jumps) / sizeof(*jumps); i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t id, len = sizeof(info);
		int fd;

		dp = reopen(create("jump"), "jump");
		assert_int_equal(
			bpf_map_lookup_elem(dp->map_fd[jumps[i]], &zero, &id),
			0);
		fd = bpf_prog_get_fd_by_id(id);
		assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
		close(fd);
		assert_non_null(strstr(info.name, "_run"));
		/* without it, every list of several ops would be dropped */
		assert_int_equal(
			bpf_map_delete_elem(dp->map_fd[jumps[i]], &zero), 0);
		ox_dp_close(dp);
		assert_int_equal(ox_dp_open(root_or_skip(), "jump", &out, &err),
				 -EILSEQ);
		assert_non_null(strstr(err.msg, "_jmp"));
		assert_int_equal(ox_dp_remove(root_or_skip(), "jump", &err), 0);
	}
}

/* Both objects' programs work on the same maps, but for what is their own. */
static void open_one_set(void **state)
{
	struct ox_dp *dp = create("set");
	uint32_t ids[2][32], n[2], i, j, shared = 0;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);

		info.map_ids = (uintptr_t)ids[i];
		info.nr_map_ids = 32;
		assert_int_equal(bpf_obj_get_info_by_fd(
					 dp->prog[i ? OX_P_TC : OX_P_XDP].fd,
					 &info, &len),
				 0);
		n[i] = info.nr_map_ids;
	}
	for (i = 0; i < n[0]; i++)
		for (j = 0; j < n[1]; j++)
			shared += ids[0][i] == ids[1][j];
	/* config, scan, buckets, flows, fstats, ports, pstats, ... */
	assert_true(shared >= 8);
	assert_true(shared < n[0] && shared < n[1]);
	destroy(dp, "set");
}

/* A pin that is no program of ours. */
static void open_other_prog(void **state)
{
	struct ox_dp *dp = create("prog");
	struct ox_dp *out = NULL;
	char *path = ox_pin_path(ox_dp_path(dp), OX_PIN_PROG_TC);

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(bpf_obj_pin(dp->prog[OX_P_XDP].fd, path), 0);
	free(path);
	ox_dp_close(dp);
	assert_int_equal(ox_dp_open(root_or_skip(), "prog", &out, &err),
			 -EPROTO);
	assert_non_null(strstr(err.msg, "/tc"));
	assert_int_equal(ox_dp_remove(root_or_skip(), "prog", &err), 0);
}

static void open_other_abi(void **state)
{
	struct ox_dp *dp = create("abi");
	struct ox_dp *out = NULL;

	(void)state;
	dp->mem.config->version = 99;
	assert_int_equal(ox_dp_open(root_or_skip(), "abi", &out, &err),
			 -EPROTO);
	assert_non_null(strstr(err.msg, "99"));
	dp->mem.config->version = OX_ABI_VERSION;
	dp->mem.config->max_masks = 65; /* not what "masks" has */
	assert_int_equal(ox_dp_open(root_or_skip(), "abi", &out, &err),
			 -EPROTO);
	assert_non_null(strstr(err.msg, "/masks"));
	dp->mem.config->max_masks = 64;
	destroy(dp, "abi");
}

static void grow_flows(void **state)
{
	struct ox_dp *dp = create("grow");
	struct ox_mem *m = ox_dp_mem(dp);
	uint32_t i;

	(void)state;
	assert_int_equal(m->config->chunk_shift, 12);
	for (i = 1; i < 4; i++) {
		assert_int_equal(m->ops->grow_flows(m), 0);
		assert_int_equal(m->n_flow_chunks, i + 1);
		assert_int_equal(ox_mem_flow_more(m, i << 12)->hash, 0);
		ox_mem_flow_more(m, i << 12)->hash = i;
		ox_mem_flow_more(m, i << 12)->base.packets = i;
	}
	assert_int_equal(m->ops->grow_flows(m), -ENOSPC);
	dp = reopen(dp, "grow");
	m = ox_dp_mem(dp);
	assert_int_equal(m->n_flow_chunks, 4);
	for (i = 1; i < 4; i++) {
		assert_int_equal(ox_mem_flow_more(m, i << 12)->hash, i);
		assert_int_equal(ox_mem_flow_more(m, i << 12)->base.packets, i);
	}
	assert_int_equal(m->ops->grow_flows(m), -ENOSPC);
	destroy(dp, "grow");
}

/* A chunk made ahead isn't there until it is asked for. */
static void grow_soon(void **state)
{
	struct ox_dp *dp = create("soon");
	struct ox_mem *m = ox_dp_mem(dp);

	(void)state;
	m->ops->grow_flows_soon(m);
	m->ops->grow_flows_soon(m);
	ox_grow_wait(dp);
	assert_int_equal(dp->grow_flows.ready, 2);
	assert_int_equal(m->n_flow_chunks, 1);
	assert_null(ox_mem_flow(m, 4096));
	m->ops->grow_flows_soon(m); /* it is ready already */
	assert_false(dp->grow_flows.busy);
	assert_int_equal(m->ops->grow_flows(m), 0);
	assert_int_equal(m->n_flow_chunks, 2);
	ox_mem_flow_more(m, 4096)->hash = 1;
	destroy(dp, "soon");
}

static void grow_acts(void **state)
{
	struct ox_dp *dp = create("acts");
	struct ox_mem *m = ox_dp_mem(dp);
	uint32_t i;

	(void)state;
	for (i = 1; i < 20; i++) {
		assert_int_equal(m->ops->grow_acts(m), 0);
		assert_int_equal(m->n_acts_chunks, i + 1);
		assert_int_equal(ox_mem_acts(m, i << 10)->nla_len, 0);
		ox_mem_acts(m, i << 10)->nla_len = i;
	}
	dp = reopen(dp, "acts");
	m = ox_dp_mem(dp);
	assert_true(m->n_acts_chunks >= 20); /* those made ahead as well */
	for (i = 1; i < 20; i++)
		assert_int_equal(ox_mem_acts(m, i << 10)->nla_len, i);
	destroy(dp, "acts");
}

/* A crash between the steps of growing leaves parts of a chunk. */
static void grow_torn(void **state)
{
	static const enum ox_map outer[] = { OX_M_FLOWS, OX_M_FSTATS };
	struct ox_dp *dp = create("tgrow");
	struct ox_mem *m;
	uint32_t key = 1;
	char *path;
	int i;

	(void)state;
	assert_int_equal(dp->mem.ops->grow_flows(&dp->mem), 0);
	for (i = 0; i < 3; i++) {
		if (i < 2) {
			assert_int_equal(
				bpf_map_delete_elem(dp->map_fd[outer[i]], &key),
				0);
		} else {
			path = ox_pin_path(ox_dp_path(dp), "uflows-1");
			assert_int_equal(unlink(path), 0);
			free(path);
		}
		dp = reopen(dp, "tgrow");
		m = ox_dp_mem(dp);
		assert_int_equal(m->n_flow_chunks, 1);
		assert_int_equal(m->ops->grow_flows(m), 0);
		ox_mem_flow_more(m, 4096)->hash = 5;
		ox_mem_flow_more(m, 8191)->base.packets = 6;
	}
	dp = reopen(dp, "tgrow");
	m = ox_dp_mem(dp);
	assert_true(m->n_flow_chunks >= 2);
	assert_int_equal(ox_mem_flow_more(m, 4096)->hash, 5);
	assert_int_equal(ox_mem_flow_more(m, 8191)->base.packets, 6);
	destroy(dp, "tgrow");
}

static uint64_t mem_available_mb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long kb = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lu", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb / 1024;
}

static void grow_million(void **state)
{
	struct ox_dp_params p = { .name = "million" };
	const char *root = root_or_skip();
	struct ox_flow_stats *out;
	struct ox_dp *dp;
	struct ox_mem *m;
	double t, worst = 0, start;
	int rc;

	(void)state;
	if (mem_available_mb() < 2048)
		ox_skip("needs 2 GiB of free memory");
	assert_int_equal(ox_dp_create(root, &p, &dp, &err), 0);
	m = ox_dp_mem(dp);
	start = now_ms();
	do {
		t = now_ms();
		rc = m->ops->grow_flows(m);
		t = now_ms() - t;
		worst = t > worst ? t : worst;
	} while (!rc);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(m->n_flow_chunks, 32);
	print_message("# 31 chunks in %.0f ms, the slowest %.0f ms\n",
		      now_ms() - start, worst);
	ox_mem_flow_more(m, 1048575)->hash = 9;
	out = calloc(1048576, sizeof(*out));
	t = now_ms();
	assert_int_equal(m->ops->flow_stats(m, 0, 1048576, out), 0);
	print_message("# counters of 1,048,576 flows in %.0f ms\n",
		      now_ms() - t);
	free(out);
	t = now_ms();
	dp = reopen(dp, "million");
	print_message("# reopened in %.0f ms\n", now_ms() - t);
	assert_int_equal(ox_mem_flow_more(&dp->mem, 1048575)->hash, 9);
	destroy(dp, "million");
}

/* Sets what CPU c counted to c + 1 times the given. */
static void put_flow(struct ox_dp *dp, uint32_t flow, uint64_t packets)
{
	uint32_t shift = dp->mem.config->chunk_shift;
	uint32_t page = (flow & ((1u << shift) - 1)) >> OX_STATS_SHIFT;
	uint32_t at = flow & ((1u << OX_STATS_SHIFT) - 1), c;
	struct ox_stats_page *v = calloc(dp->n_cpus, sizeof(*v));
	int fd = ox_outer_get(dp->map_fd[OX_M_FSTATS], flow >> shift);

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &page, v), 0);

	for (c = 0; c < dp->n_cpus; c++)
		v[c].flow[at] = (struct ox_flow_stats){
			.packets = packets * (c + 1),
			.bytes = 100 * packets * (c + 1),
			.used = dp->clock.jiffies + c,
			.tcp_flags = 1 << (c & 7),
		};
	assert_int_equal(bpf_map_update_elem(fd, &page, v, 0), 0);
	close(fd);
	free(v);
}

static uint64_t cpu_sum(const struct ox_dp *dp)
{
	return (uint64_t)dp->n_cpus * (dp->n_cpus + 1) / 2;
}

static void stats_flows(void **state)
{
	struct ox_dp *dp = create("stats");
	struct ox_mem *m = ox_dp_mem(dp);
	struct ox_flow_stats *out = calloc(8192, sizeof(*out));
	uint64_t k = cpu_sum(dp);
	uint64_t used = dp->clock.ns + (dp->n_cpus - 1) * dp->clock.tick_ns;
	uint32_t i;

	(void)state;
	assert_int_equal(m->ops->grow_flows(m), 0);
	for (i = 0; i < 8192; i += 7)
		put_flow(dp, i, i + 1);
	/* both chunks, whole */
	assert_int_equal(m->ops->flow_stats(m, 0, 8192, out), 0);
	for (i = 0; i < 8192; i++) {
		uint64_t want = i % 7 ? 0 : i + 1;

		assert_int_equal(out[i].packets, k * want);
		assert_int_equal(out[i].bytes, k * 100 * want);
		assert_int_equal(out[i].used, want ? used : 0);
	}
	assert_int_equal(out[0].tcp_flags,
			 dp->n_cpus >= 8 ? 0xff : (1 << dp->n_cpus) - 1);
	/* across the border, to the end, one by one */
	assert_int_equal(m->ops->flow_stats(m, 4090, 12, out), 0);
	for (i = 0; i < 12; i++)
		assert_int_equal(out[i].packets,
				 (4090 + i) % 7 ? 0 : k * (4090 + i + 1));
	assert_int_equal(m->ops->flow_stats(m, 8190, 2, out), 0);
	assert_int_equal(out[0].packets, k * 8191);
	assert_int_equal(out[1].packets, 0);
	assert_int_equal(m->ops->flow_stats(m, 8185, 8, out), -EINVAL);
	assert_int_equal(m->ops->flow_stats(m, 8192, 0, out), 0);
	/* zeroing one leaves the others */
	assert_int_equal(m->ops->flow_stats_zero(m, &(uint32_t){ 4095 }, 1), 0);
	assert_int_equal(m->ops->flow_stats_zero(m, &(uint32_t){ 8192 }, 1),
			 -EINVAL);
	assert_int_equal(m->ops->flow_stats(m, 4095, 8, out), 0);
	assert_int_equal(out[0].packets, 0);
	assert_int_equal(out[0].used, 0);
	assert_int_equal(out[7].packets, k * 4103);
	/* and many do, in both chunks */
	assert_int_equal(m->ops->flow_stats_zero(
				 m, (const uint32_t[]){ 7, 8190, 14, 4102 }, 4),
			 0);
	assert_int_equal(m->ops->flow_stats(m, 0, 8192, out), 0);
	for (i = 0; i < 8192; i += 7) {
		bool zero = i == 4095 || i == 7 || i == 8190 || i == 14 ||
			    i == 4102;

		assert_int_equal(out[i].packets, zero ? 0 : k * (i + 1));
		assert_int_equal(!out[i].used, zero);
	}
	assert_int_equal(
		m->ops->flow_stats_zero(m, (const uint32_t[]){ 21, 8192 }, 2),
		-EINVAL);
	free(out);
	destroy(dp, "stats");
}

static void stats_others(void **state)
{
	struct ox_dp *dp = create("cnt");
	struct ox_mem *m = ox_dp_mem(dp);
	struct ox_port_stats ps[dp->n_cpus], p;
	struct ox_cpu_mem ds[dp->n_cpus];
	struct ox_dp_stats d;
	uint64_t hits[dp->n_cpus], h[64];
	uint64_t k = cpu_sum(dp);
	uint32_t c, i;

	(void)state;
	for (c = 0; c < dp->n_cpus; c++) {
		memset(&ps[c], 0, sizeof(ps[c]));
		memset(&ds[c], 0, sizeof(ds[c]));
		ps[c].rx_packets = 3 * (c + 1);
		ps[c].tx_dropped = 5 * (c + 1);
		ds[c].stats.n_hit = 7 * (c + 1);
		ds[c].stats.reason[OX_R_MAX - 1] = 11 * (c + 1);
	}
	i = 63;
	bpf_map_update_elem(dp->map_fd[OX_M_PSTATS], &i, ps, 0);
	i = 0;
	bpf_map_update_elem(dp->map_fd[OX_M_DPSTATS], &i, ds, 0);
	for (i = 0; i < 64; i++) {
		for (c = 0; c < dp->n_cpus; c++)
			hits[c] = i * (c + 1);
		bpf_map_update_elem(dp->map_fd[OX_M_MASK_HITS], &i, hits, 0);
	}
	assert_int_equal(m->ops->port_stats(m, 63, &p), 0);
	assert_int_equal(p.rx_packets, 3 * k);
	assert_int_equal(p.tx_dropped, 5 * k);
	assert_int_equal(p.rx_bytes, 0);
	assert_int_equal(m->ops->port_stats_zero(m, 63), 0);
	assert_int_equal(m->ops->port_stats(m, 63, &p), 0);
	assert_int_equal(p.rx_packets, 0);
	assert_int_equal(m->ops->port_stats(m, 64, &p), -EINVAL);
	assert_int_equal(m->ops->dp_stats(m, &d), 0);
	assert_int_equal(d.n_hit, 7 * k);
	assert_int_equal(d.reason[OX_R_MAX - 1], 11 * k);
	assert_int_equal(m->ops->mask_hits(m, 64, h), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(h[i], i * k);
	assert_int_equal(m->ops->mask_hits(m, 2, h), 0);
	assert_int_equal(h[1], k);
	assert_int_equal(m->ops->mask_hits(m, 65, h), -EINVAL);
	destroy(dp, "cnt");
}

static void sync_returns(void **state)
{
	struct ox_dp *dp = create("sync");
	double t = now_ms();

	(void)state;
	assert_int_equal(dp->mem.ops->sync(&dp->mem), 0);
	print_message("# sync: %.1f ms\n", now_ms() - t);
	dp = reopen(dp, "sync");
	assert_int_equal(dp->mem.ops->sync(&dp->mem), 0);
	destroy(dp, "sync");
}

static void folder_remove(const char *folder)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, OX_STATE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void state_shared(void **state)
{
	struct ox_state_mem *a, *b, *c;
	char one[128], two[128];

	(void)state;
	snprintf(one, sizeof(one), "%s/one", root_or_skip());
	snprintf(two, sizeof(two), "%s/two", root_or_skip());
	assert_int_equal(mkdir(one, 0700), 0);
	assert_int_equal(mkdir(two, 0700), 0);
	assert_int_equal(ox_state_open(one, &a, &err), 0);
	assert_int_equal(a->magic, OX_ABI_MAGIC);
	assert_int_equal(a->subs[OX_MAX_SUBS - 1].group, 0);
	a->subs[OX_MAX_SUBS - 1].portid = 5;
	assert_int_equal(ox_state_open(one, &b, &err), 0);
	assert_int_equal(ox_state_open(two, &c, &err), 0);
	assert_int_equal(b->subs[OX_MAX_SUBS - 1].portid, 5);
	assert_int_equal(c->subs[OX_MAX_SUBS - 1].portid, 0);
	c->version++;
	ox_state_close(b);
	ox_state_close(c);
	assert_int_equal(ox_state_open(two, &c, &err), -EPROTO);
	assert_null(c);
	ox_state_close(a);
	assert_int_equal(ox_state_open(one, &b, &err), 0);
	assert_int_equal(b->subs[OX_MAX_SUBS - 1].portid, 5);
	ox_state_close(b);
	folder_remove(one);
	folder_remove(two);
}

static int cleanup(void **state)
{
	(void)state;
	ox_test_root_remove();
	return 0;
}

static const struct CMUnitTest tests[] = {
	OX_TEST("loader.probe.no_bpffs", probe_no_bpffs),
	OX_TEST("loader.create.defaults", create_defaults),
	OX_TEST("loader.create.ahead", create_ahead),
	OX_TEST("loader.create.ahead_fails", create_ahead_fails),
	OX_TEST("loader.create.exists", create_exists),
	OX_TEST("loader.create.refuses", create_refuses),
	OX_TEST("loader.create.undone", create_undone),
	OX_TEST("loader.create.load_fails", create_load_fails),
	OX_TEST("loader.open.shares", open_shares),
	OX_TEST("loader.open.torn", open_torn),
	OX_TEST("loader.open.jumps", open_jumps),
	OX_TEST("loader.open.one_set", open_one_set),
	OX_TEST("loader.open.other_prog", open_other_prog),
	OX_TEST("loader.open.other_abi", open_other_abi),
	OX_TEST("loader.grow.flows", grow_flows),
	OX_TEST("loader.grow.soon", grow_soon),
	OX_TEST("loader.grow.acts", grow_acts),
	OX_TEST("loader.grow.torn", grow_torn),
	OX_TEST("loader.grow.million", grow_million),
	OX_TEST("loader.stats.flows", stats_flows),
	OX_TEST("loader.stats.others", stats_others),
	OX_TEST("loader.sync.returns", sync_returns),
	OX_TEST("loader.state.shared", state_shared),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, cleanup);
}
