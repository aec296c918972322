// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * insns.c - what the kernel's verifier says of the programs in BPF objects. It
 * tells their instructions, how many it looked at (of a million at most), and
 * the stack of the deepest chain of calls (of 512 bytes at most).
 *
 *   insns OBJECT...    a line for each program:
 *                      NAME insns N verified N stack N chain A NAME B ...
 *   insns -f OBJECT... and below it one for each function:
 *                        NAME frame N stack N
 *
 * The chain has the frames of its functions, from the program on, each as the
 * function uses it. "stack" is their sum with each frame rounded up to 32
 * bytes, as kernels before 6.13 do. Loads the programs and drops them again.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define MAX_FUNCS 256
#define MAX_DEPTH 8 /* frames of a chain: the verifier's limit */
#define LOG_STATS 4 /* log level: the sums alone */

/* A function: where it begins, its frame, the deepest chain from it on. */
struct func {
	size_t start;
	char name[64];
	unsigned int frame;
	unsigned int deepest; /* with rounded frames, its own included */
	int next;	      /* of that chain, or -1 */
};

struct prog {
	const struct bpf_insn *insns;
	size_t n_insns;
	struct func f[MAX_FUNCS];
	int n_funcs;
};

/* Where the function begins that instruction i calls or hands to a helper as
 * its callback; 0: it is no such instruction. */
static size_t target(const struct prog *p, size_t i)
{
	const struct bpf_insn *in = &p->insns[i];

	if ((in->code == (BPF_JMP | BPF_CALL) &&
	     in->src_reg == BPF_PSEUDO_CALL) ||
	    (in->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	     in->src_reg == BPF_PSEUDO_FUNC))
		return i + (size_t)in->imm + 1;
	return 0;
}

static int func_at(const struct prog *p, size_t start)
{
	int i;

	for (i = 0; i < p->n_funcs; i++)
		if (p->f[i].start == start)
			return i;
	return -1;
}

static int by_start(const void *a, const void *b)
{
	const struct func *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* In the verifier's order, which is that of their places. */
static void find_funcs(struct prog *p)
{
	size_t i, to;

	p->f[0].start = 0;
	p->n_funcs = 1;
	for (i = 0; i < p->n_insns; i++) {
		to = target(p, i);
		if (!to || func_at(p, to) >= 0)
			continue;
		if (p->n_funcs == MAX_FUNCS)
			errx(1, "more than %d functions", MAX_FUNCS);
		p->f[p->n_funcs++].start = to;
	}
	qsort(p->f, (size_t)p->n_funcs, sizeof(p->f[0]), by_start);
}

static void read_frames(struct prog *p, const char *name, const char *log)
{
	const char *at = strstr(log, "stack depth ");
	char *end;
	int i;

	if (!at)
		errx(1, "%s: the verifier says nothing of stack: %s", name,
		     log);
	at += strlen("stack depth ");
	for (i = 0; i < p->n_funcs; i++) {
		p->f[i].frame = (unsigned int)strtoul(at, &end, 10);
		if (end == at || (*end == '+') != (i + 1 < p->n_funcs))
			errx(1, "%s: %d functions, but: %s", name, p->n_funcs,
			     log);
		at = end + 1;
	}
}

/* Chains can't be recursive: the verifier refuses that. */
static unsigned int deepest(struct prog *p, int nr, int depth)
{
	struct func *f = &p->f[nr];
	size_t end = nr + 1 < p->n_funcs ? f[1].start : p->n_insns;
	unsigned int most = 0, deep;
	size_t i;
	int to;

	if (f->deepest)
		return f->deepest;
	if (depth > MAX_DEPTH)
		errx(1, "a chain of more than %d functions", MAX_DEPTH);
	f->next = -1;
	for (i = f->start; i < end; i++) {
		to = func_at(p, target(p, i));
		if (to <= 0)
			continue;
		deep = deepest(p, to, depth + 1);
		if (deep > most) {
			most = deep;
			f->next = to;
		}
	}
	f->deepest = most + ((f->frame ? f->frame : 1) + 31) / 32 * 32;
	return f->deepest;
}

/* The kernel has the names, in the order of the functions. */
static void read_names(struct prog *p, const struct bpf_prog_info *sizes,
		       int fd)
{
	struct bpf_func_info rec[MAX_FUNCS];
	struct bpf_prog_info info = {
		.func_info = (uintptr_t)rec,
		.nr_func_info = sizes->nr_func_info,
		.func_info_rec_size = sizeof(rec[0]),
	};
	struct btf *btf = btf__load_from_kernel_by_id(sizes->btf_id);
	uint32_t len = sizeof(info);
	const struct btf_type *t;
	int i;

	if (!btf || (int)sizes->nr_func_info != p->n_funcs ||
	    bpf_obj_get_info_by_fd(fd, &info, &len))
		errx(1, "no names of %d functions", p->n_funcs);
	for (i = 0; i < p->n_funcs; i++) {
		t = btf__type_by_id(btf, rec[i].type_id);
		snprintf(p->f[i].name, sizeof(p->f[i].name), "%s",
			 t ? btf__name_by_offset(btf, t->name_off) : "?");
	}
	btf__free(btf);
}

static void show(struct bpf_program *prog, const char *log, bool each)
{
	struct prog p = { .insns = bpf_program__insns(prog),
			  .n_insns = bpf_program__insn_cnt(prog) };
	const char *name = bpf_program__name(prog);
	const char *processed = strstr(log, "processed ");
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int i, fd = bpf_program__fd(prog);

	if (!processed || bpf_obj_get_info_by_fd(fd, &info, &len))
		errx(1, "%s: no figures: %s", name, log);
	find_funcs(&p);
	read_frames(&p, name, log);
	read_names(&p, &info, fd);
	printf("%s insns %u verified %lu stack %u chain %u", name,
	       info.xlated_prog_len / 8,
	       strtoul(processed + strlen("processed "), NULL, 10),
	       deepest(&p, 0, 1), p.f[0].frame);
	for (i = p.f[0].next; i >= 0; i = p.f[i].next)
		printf(" %s %u", p.f[i].name, p.f[i].frame);
	printf("\n");
	for (i = 0; each && i < p.n_funcs; i++)
		printf("  %s frame %u stack %u\n", p.f[i].name, p.f[i].frame,
		       p.f[i].deepest);
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, fmt, args) : 0;
}

static void show_object(const char *file, bool each)
{
	struct bpf_object *obj = bpf_object__open_file(file, NULL);
	struct bpf_program *prog;
	static char log[32][8192];
	int n = 0;

	if (!obj)
		err(1, "%s", file);
	bpf_object__for_each_program (prog, obj) {
		if (n == 32)
			errx(1, "%s: more than 32 programs", file);
		bpf_program__set_log_level(prog, LOG_STATS);
		bpf_program__set_log_buf(prog, log[n++], sizeof(log[0]));
	}
	if (bpf_object__load(obj)) {
		for (n--; n >= 0; n--)
			fputs(log[n], stderr);
		errx(1, "%s isn't loaded", file);
	}
	n = 0;
	bpf_object__for_each_program (prog, obj)
		show(prog, log[n++], each);
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	bool each = argc > 1 && !strcmp(argv[1], "-f");
	int i = each ? 2 : 1;

	if (i >= argc) {
		fprintf(stderr, "usage: insns [-f] OBJECT...\n");
		return 2;
	}
	libbpf_set_print(quiet);
	for (; i < argc; i++)
		show_object(argv[i], each);
	return 0;
}
