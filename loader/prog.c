// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * prog.c - the programs of a datapath and their pins. Those that tail calls
 * reach have no pin: the pinned arrays that name them hold them.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

const struct ox_prog_def ox_prog_defs[OX_P_COUNT] = {
	[OX_P_XDP] = { OX_PIN_PROG, "ovsxdp_rx", BPF_PROG_TYPE_XDP },
	[OX_P_METER] = { "meter", "ovsxdp_meter", BPF_PROG_TYPE_XDP },
	[OX_P_TC] = { OX_PIN_PROG_TC, "ovsxdp_tc", BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_CLONE] = { OX_PIN_PROG_CLONE, "ovsxdp_clone",
			 BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_LISTEN] = { OX_PIN_PROG_LISTEN, "ovsxdp_listen",
			  BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_XDP_RUN] = { NULL, "ovsxdp_xdp_run", BPF_PROG_TYPE_XDP },
	[OX_P_TC_RUN] = { NULL, "ovsxdp_tc_run", BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_XDP_CT] = { NULL, "ovsxdp_xdp_ct", BPF_PROG_TYPE_XDP },
	[OX_P_TC_CT] = { NULL, "ovsxdp_tc_ct", BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_TC_RX] = { NULL, "ovsxdp_tc_rx", BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_TC_ENCAP] = { NULL, "ovsxdp_tc_encap", BPF_PROG_TYPE_SCHED_CLS },
	[OX_P_TC_TUN] = { NULL, "ovsxdp_tc_tun", BPF_PROG_TYPE_SCHED_CLS },
};

static int prog_info(int fd, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &len);
}

int ox_prog_id(struct ox_prog *p)
{
	struct bpf_prog_info info;
	int err = prog_info(p->fd, &info);

	p->id = info.id;
	return err;
}

int ox_progs_pin(const struct ox_dp *dp, struct ox_err *e)
{
	int err = 0;
	int i;

	for (i = 0; !err && i < OX_P_PINNED; i++)
		err = ox_pin_fd(dp->path, ox_prog_defs[i].pin, dp->prog[i].fd,
				e);
	return err;
}

/* Anything may be in the folder; the kernel would refuse another type only
 * when a port is attached. */
static int prog_open(struct ox_dp *dp, int i, struct ox_err *e)
{
	const struct ox_prog_def *def = &ox_prog_defs[i];
	int fd = ox_pin_get(dp->path, def->pin);
	struct bpf_prog_info info;
	int err;

	if (fd == -ENOENT)
		return fd;
	if (fd < 0)
		return ox_err_set(e, fd, "can't open %s/%s: %s", dp->path,
				  def->pin, strerror(-fd));
	dp->prog[i].fd = fd;
	err = prog_info(fd, &info);
	dp->prog[i].id = info.id;
	if (err || info.type != def->type)
		return ox_err_set(e, err ? err : -EPROTO,
				  "%s/%s is no program of this ABI: use the "
				  "version that made it",
				  dp->path, def->pin);
	return 0;
}

int ox_progs_open(struct ox_dp *dp, const char **missing, struct ox_err *e)
{
	int err = 0;
	int i;

	for (i = 0; !err && i < OX_P_PINNED; i++) {
		*missing = ox_prog_defs[i].pin;
		err = prog_open(dp, i, e);
	}
	return err;
}

void ox_progs_close(struct ox_dp *dp)
{
	int i;

	for (i = 0; i < OX_P_COUNT; i++)
		ox_closep(&dp->prog[i].fd);
}
