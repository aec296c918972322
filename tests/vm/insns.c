// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * insns.c - the BPF programs that are loaded: name, instructions, and how
 * many the verifier looked at (of a million at most). insns NAME... prints
 * those only whose names begin so.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int show(uint32_t id, char **names)
{
	union bpf_attr attr = { .prog_id = id };
	struct bpf_prog_info info = { 0 };
	int fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr), i;

	if (fd < 0)
		return 0;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		err(1, "program %u", id);
	close(fd);
	for (i = 0; names[i]; i++)
		if (!strncmp(info.name, names[i], strlen(names[i])))
			break;
	if (names[0] && !names[i])
		return 0;
	printf("%-16s type %2u  %6u instructions  %7u verified\n", info.name,
	       info.type, info.xlated_prog_len / 8, info.verified_insns);
	return 1;
}

int main(int argc, char **argv)
{
	union bpf_attr attr = { 0 };
	int n = 0;

	(void)argc;
	while (!bpf(BPF_PROG_GET_NEXT_ID, &attr)) {
		uint32_t id = attr.next_id;

		n += show(id, argv + 1);
		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
	}
	return n ? 0 : 1;
}
