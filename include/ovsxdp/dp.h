/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dp.h - libovsxdp: a datapath's pinned maps and program, attaching it to
 * devices, AF_XDP sockets. The only code that calls bpf(2), libbpf, libxdp.
 * All functions return 0 or -errno and explain through struct ox_err (may be
 * NULL); none logs.
 */
#ifndef OVSXDP_DP_H
#define OVSXDP_DP_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsxdp/abi.h"
#include "ovsxdp/err.h"
#include "ovsxdp/mem.h"

/* ---- bpffs.c, root.c, space.c: where the pins are ---- */

#define OX_BPFFS	"/sys/fs/bpf"
#define OX_ROOT_DEFAULT OX_BPFFS "/ovsxdp"

enum ox_bpffs {
	OX_BPFFS_AS_IT_WAS, /* there was one, or none could be mounted */
	OX_BPFFS_BROUGHT,   /* that of process 1 was hidden: it is here now */
	OX_BPFFS_MOUNTED,
	OX_BPFFS_MOUNTED_PRIVATE, /* ends with this mount namespace */
};
/* Mounts a bpffs in OX_BPFFS if root is to be in there and none is. */
enum ox_bpffs ox_bpffs_ensure(const char *root);

/* The part of a root that belongs to a network namespace. */
struct ox_space {
	char *root;
	char *folder;	 /* of its datapaths: the "root" of ox_dp_*() */
	char *own;	 /* of what else is its: ox_state_open() */
	uint64_t cookie; /* SO_NETNS_COOKIE */
	int lock;
	uint32_t n_cleaned; /* datapaths of dead namespaces that were removed */
};
/*
 * The part of the caller's network namespace. It is made if it isn't there, and
 * it is the caller's alone until it is closed. What dead namespaces have left
 * is removed. root: ox_probe() has made it. -EBUSY: Another process has this
 * part, or has had the root's lock for ten seconds. ox_space_close() follows,
 * also on error.
 */
int ox_space_open(const char *root, struct ox_space *s, struct ox_err *e);
/* Removes it, unless it has datapaths; ox_space_close() follows. */
void ox_space_remove(struct ox_space *s);
void ox_space_close(struct ox_space *s); /* what is pinned stays */

/* ---- probe.c ---- */

/*
 * Can this process on this kernel run a datapath with its folders in root?
 * Tries what is needed, feature by feature (host.h), and that root lies (or can
 * be made) in a bpffs; creates root. -EPERM: privileges, or root isn't root's
 * alone; -ENODEV: no bpffs, -ENOSYS: a feature. The text names what is missing,
 * its cause and remedy.
 */
int ox_probe(const char *root, struct ox_err *e);

/* ---- load.c, pin.c, maps.c: a datapath ---- */

struct ox_dp;	  /* open handle: fds and mappings */
struct ox_ct_set; /* ct_set.h */

struct ox_dp_params {
	char name[OX_NAME_LEN]; /* folder name; checked: no '/', not "."... */
	uint64_t netns_cookie;
	uint32_t max_flows;  /* 0: 1,048,576; rounded up to whole chunks */
	uint32_t max_masks;  /* 0: 4096 */
	uint32_t max_ports;  /* 0: 4096 */
	uint32_t cache_size; /* mask cache; the module's default is 256 */
	/* Whose connections ct() works on: the namespace's, which lives until
	 * the datapath is made. NULL: ct() finds a table without room. */
	struct ox_ct_set *ct;
};

/*
 * Creates the maps, loads the programs with them bound in, pins all of it in
 * root/name, commits by config->magic. On error nothing is left. -EEXIST: the
 * folder is there. Ownership of *dp goes to the caller. Nobody else may make
 * or open a datapath of that name in root meanwhile (ox_space_open()).
 */
int ox_dp_create(const char *root, const struct ox_dp_params *p,
		 struct ox_dp **dp, struct ox_err *e);
/*
 * Opens a pinned datapath. -ENOENT: no such folder. -EILSEQ: creation was
 * never committed (a crash), remove it with ox_dp_remove(). -EPROTO: another
 * ABI version (the text says which).
 */
int ox_dp_open(const char *root, const char *name, struct ox_dp **dp,
	       struct ox_err *e);
/*
 * A datapath that is made before it has a name, by a thread: ox_dp_create()
 * takes most of a second, nearly all of it the verifier's, ox_ahead_create() a
 * few milliseconds. Until then nothing is pinned. p: limits only. niceness: of
 * the thread.
 */
struct ox_ahead;
int ox_ahead_start(const struct ox_dp_params *p, int niceness,
		   struct ox_ahead **out, struct ox_err *e);
/* Readable when it is made, or couldn't be; until then the next two wait. */
int ox_ahead_fd(const struct ox_ahead *a);
/* As ox_dp_create(); a is used up, also on error. */
int ox_ahead_create(struct ox_ahead *a, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e);
void ox_ahead_free(struct ox_ahead *a); /* NULL ok */
/* Does it have the limits that p asks for? */
bool ox_ahead_fits(const struct ox_ahead *a, const struct ox_dp_params *p);
/* Makes the maps and loads the programs of a small datapath, pins nothing and
 * lets all of it go: does this kernel's verifier take them? */
int ox_dp_try(struct ox_err *e);
/* Unmaps and closes; the pins stay, so the datapath forwards on. NULL ok. */
void ox_dp_close(struct ox_dp *dp);
/* Removes the pins of root/name; 0 if there are none. Programs that are
 * still attached keep their maps. */
int ox_dp_remove(const char *root, const char *name, struct ox_err *e);
/* Calls fn with each folder's name; stops when fn returns non-zero. */
int ox_dp_list(const char *root, int (*fn)(const char *name, void *arg),
	       void *arg);

/* ---- build.c, next.c, renew.c: programs of another build ---- */

/* The build of the programs that this process would load: a hash of its BPF
 * objects in hexadecimal; and of those that dp runs. */
const char *ox_build_id(void);
const char *ox_dp_build(const struct ox_dp *dp);
/*
 * Loads this process's programs over dp's maps, by a thread of that niceness.
 * Whatever it does, dp goes on as it is. ct: as ox_dp_params.ct. -EBUSY: It is
 * being done.
 */
int ox_renew_start(struct ox_dp *dp, struct ox_ct_set *ct, int niceness,
		   struct ox_err *e);
/* Readable when the thread has ended; -1: nothing is under way. */
int ox_renew_fd(const struct ox_dp *dp);
/*
 * Waits for the thread; then its programs take the place of dp's on all devices
 * of this network namespace, one by one and each at once, and tail calls stay
 * within a build. Waits for a grace period. On an error dp goes on as it was.
 * No other thread may use dp meanwhile.
 */
int ox_renew_end(struct ox_dp *dp, uint32_t *n_devices, struct ox_err *e);
/* Waits for the thread, and forgets what it has loaded. Before ox_dp_close().
 */
void ox_renew_drop(struct ox_dp *dp);
/* Goes on with what ox_renew_end() had begun in a process that died. 1: there
 * was something. */
int ox_renew_resume(struct ox_dp *dp, struct ox_err *e);

/* The memory; lives as long as dp. */
struct ox_mem *ox_dp_mem(struct ox_dp *dp);
/* The XDP program's fd and kernel id (as IFLA_XDP_PROG_ID shows it). */
int ox_dp_prog_fd(const struct ox_dp *dp);
uint32_t ox_dp_prog_id(const struct ox_dp *dp);
/* The skb tier's program on tc ingress: its kernel id. */
uint32_t ox_dp_tc_id(const struct ox_dp *dp);
/* root/name; bpffs takes no dots: '.' is "%2e" in it, '%' is "%25". */
const char *ox_dp_path(const struct ox_dp *dp);

/* ---- state.c: the daemon's own pinned memory ---- */

/* Opens or creates it in a folder; zeroed and with magic and version when
 * new. */
int ox_state_open(const char *folder, struct ox_state_mem **out,
		  struct ox_err *e);
/* A new one in its place: the old one is of another version (-EPROTO). */
int ox_state_anew(const char *folder, struct ox_state_mem **out,
		  struct ox_err *e);
void ox_state_close(struct ox_state_mem *st); /* the pin stays; NULL ok */

/* ---- attach.c ---- */

/*
 * Attaches dp's XDP program to ifindex: native or generic (AUTO: native, and
 * generic where the driver refuses; NONE and TC: nothing is attached). *mode
 * becomes what is in force of XDP, NONE if there is none. A program of this
 * datapath there already is fine (and keeps its mode). -EBUSY: another program
 * is attached; nothing changed.
 */
int ox_attach(struct ox_dp *dp, uint32_t ifindex, enum ox_attach_mode asked,
	      enum ox_attach_mode *mode, struct ox_err *e);
/* Takes dp's program off ifindex; any other program is left alone. */
int ox_detach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e);
/* Which program is attached to ifindex: *prog_id 0 if none. */
int ox_attach_query(uint32_t ifindex, uint32_t *prog_id,
		    enum ox_attach_mode *mode);

/* ---- attach_tc.c: the skb tier ---- */

/*
 * Attaches dp's program "tc" to ifindex's ingress, in front of others that are
 * there: tcx where the kernel has it (6.6), else clsact (made if it isn't
 * there). Stays without the daemon. The datapath's program there already: 0.
 */
int ox_tc_attach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e);
/* Takes it off; clsact goes with it if it is empty then. 0 if not there. */
int ox_tc_detach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e);
/* 1: dp's program is on ifindex's ingress, 0: it isn't, -errno. */
int ox_tc_query(struct ox_dp *dp, uint32_t ifindex);
/* Does it stay on a device that goes to another network namespace? tcx does;
 * the kernel takes qdiscs off such a device, and clsact is one. */
bool ox_tc_stays(struct ox_dp *dp, uint32_t ifindex);
/* The program "clone" on ifindex's tc egress; config.clone_ifindex is the
 * caller's to set afterwards. It goes with its device. */
int ox_clone_attach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e);

/* The same three of the program "listener", which finds the packets of tunnels
 * without a device among those to this host. */
int ox_listener_attach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e);
int ox_listener_detach(struct ox_dp *dp, uint32_t ifindex, struct ox_err *e);
int ox_listener_query(struct ox_dp *dp, uint32_t ifindex);

/* ---- native.c: what the programs of such tunnels look into ---- */

/* Makes the map "listen" hold these n entries and no other: keys[i] is of
 * port_no[i]. What stays the same is never missing meanwhile. -ENOSPC: they are
 * more than OX_LISTEN_MAX. */
int ox_listen_set(struct ox_dp *dp, const struct ox_listen_key *keys,
		  const uint32_t *port_no, uint32_t n, struct ox_err *e);
/* The same of "ipsec", and the knob that says if it is looked at. */
int ox_ipsec_set(struct ox_dp *dp, const struct ox_ipsec_key *keys, uint32_t n,
		 struct ox_err *e);

/* Does XDP_REDIRECT reach the device (netdev family's NDO_XMIT bit,
 * docs/facts.md, V1)? 1 yes, 0 no, -EOPNOTSUPP if the kernel can't say (before
 * 6.3). */
int ox_xdp_xmit_query(uint32_t ifindex);
/* Does the driver run XDP programs and take their redirects (BASIC and
 * REDIRECT of the same)? 1, 0, or -EOPNOTSUPP likewise: then only trying
 * tells. */
int ox_xdp_native_query(uint32_t ifindex);

/* ---- features.c: the kernel tells when XDP features change ---- */

struct ox_features;
/* A device that has come or changed: does XDP_REDIRECT reach it now? */
typedef void ox_features_fn(void *arg, uint32_t ifindex, bool xmit);

/* Listens from now on. -EOPNOTSUPP: a kernel that doesn't tell (before 6.3). */
int ox_features_open(struct ox_features **f);
void ox_features_close(struct ox_features *f);	 /* NULL ok */
int ox_features_fd(const struct ox_features *f); /* for epoll */
/* Hands up to budget messages to fn. -ENOBUFS: some were lost, so that any
 * device may have changed. */
int ox_features_read(struct ox_features *f, uint32_t budget, ox_features_fn *fn,
		     void *arg);

/* ---- upper.c: what is on a device, and takes its packets ---- */

struct ox_uppers;

/* Begins to load the program that looks, in a thread. */
int ox_uppers_open(struct ox_uppers **u);
void ox_uppers_close(struct ox_uppers *u); /* NULL ok */
/*
 * *bits: OX_UPPER_* (abi.h) of a device of this thread's network namespace.
 * -ENODEV: no such device. -EOPNOTSUPP: a kernel without BTF, nobody can tell.
 * -EAGAIN: the program isn't loaded yet, and wait says not to wait for it.
 */
int ox_uppers_query(struct ox_uppers *u, uint32_t ifindex, bool wait,
		    uint32_t *bits);

/* ---- xsk.c: AF_XDP sockets of one port, one per receive queue ---- */

struct ox_xsks;

/* A packet from the data plane; pointers are valid during the call. */
struct ox_rx {
	const struct ox_upcall_md *md; /* NULL: the driver has no metadata */
	uint8_t *data; /* writable, with at least 128 bytes of head room */
	uint32_t len;
	uint32_t queue;
};

/*
 * Opens sockets for all receive queues of ifindex and enters them in dp's
 * "xsks" from a base that it picks; *xsk_base and *n_xsk go to ox_port.
 * -EBUSY: a queue has another socket; one that was closed, also by the end of
 * its process, leaves some milliseconds later.
 */
int ox_xsks_open(struct ox_dp *dp, uint32_t ifindex, struct ox_xsks **x,
		 uint32_t *xsk_base, uint32_t *n_xsk, struct ox_err *e);
/* Takes them out of the map and closes. NULL ok. */
void ox_xsks_close(struct ox_xsks *x);
/* Fds for epoll: fd of queue i, 0 <= i < n. */
int ox_xsks_fd(const struct ox_xsks *x, uint32_t queue);
/* Hands packets of a queue to fn, which says what each has cost, until that
 * comes to budget; gives the frames back. Returns what they have cost. */
int ox_xsks_rx(struct ox_xsks *x, uint32_t queue, uint32_t budget,
	       uint32_t (*fn)(const struct ox_rx *rx, void *arg), void *arg);
/* Packets that the kernel couldn't queue since the last call (all queues):
 * rx_dropped (no free frame, too long) + rx_ring_full. They are n_lost. */
uint64_t ox_xsks_lost(struct ox_xsks *x);

/* ---- ring.c: upcalls of the skb tier, one ring a datapath ---- */

struct ox_ring;

int ox_ring_open(struct ox_dp *dp, struct ox_ring **r, struct ox_err *e);
void ox_ring_close(struct ox_ring *r);	 /* NULL ok; what is queued stays */
int ox_ring_fd(const struct ox_ring *r); /* for epoll */
/* Hands records to fn, which says what each has cost, until that comes to
 * budget. Returns what they have cost. fn may only read them: they are in the
 * kernel's pages. md.magic and sizes have been checked. Their room is given
 * back by ox_ring_release(), when what became of them has left. Should we die
 * before, the next daemon reads them again. */
int ox_ring_rx(struct ox_ring *r, uint32_t budget,
	       uint32_t (*fn)(const struct ox_ring_rec *rec, void *arg),
	       void *arg);
void ox_ring_release(struct ox_ring *r);

#endif /* OVSXDP_DP_H */
