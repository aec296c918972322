// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pcapng.c - the few blocks that a capture with comments takes. libpcap writes
 * the older format alone, which has none.
 */
#include "control/ctl/pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECTION	  0x0a0d0d0au
#define INTERFACE 1u
#define PACKET	  6u
#define MAGIC	  0x1a2b3c4du

#define LINK_ETHERNET 1
#define LINK_RAW      101 /* begins with the IP header */

#define OPT_END	    0
#define OPT_COMMENT 1
#define OPT_NAME    2
#define OPT_TSRESOL 9
#define OPT_HEAD    4u	  /* code and length */
#define OPT_MOST    65000 /* bytes of an option, here */

struct ox_pcapng_if {
	char name[64];
	bool l3;
};

static uint32_t padded(uint32_t len)
{
	return (len + 3) & ~3u;
}

static void put_u16(FILE *f, uint16_t v)
{
	fwrite(&v, sizeof(v), 1, f);
}

static void put_u32(FILE *f, uint32_t v)
{
	fwrite(&v, sizeof(v), 1, f);
}

static void put_padded(FILE *f, const void *data, uint32_t len)
{
	static const uint8_t zero[4];

	fwrite(data, 1, len, f);
	fwrite(zero, 1, padded(len) - len, f);
}

static void put_option(FILE *f, uint16_t code, const void *data, uint32_t len)
{
	put_u16(f, code);
	put_u16(f, (uint16_t)len);
	put_padded(f, data, len);
}

static int flush(FILE *f)
{
	return fflush(f) || ferror(f) ? -(errno ?: EIO) : 0;
}

static void put_interface(const struct ox_pcapng *w,
			  const struct ox_pcapng_if *i)
{
	static const uint8_t nanoseconds = 9;
	uint32_t name = (uint32_t)strlen(i->name);
	/* type, length, link, reserved, snaplen, three options, length */
	uint32_t len = 4 + 4 + 2 + 2 + 4 + OPT_HEAD + padded(name) + OPT_HEAD +
		       4 + OPT_HEAD + 4;

	put_u32(w->f, INTERFACE);
	put_u32(w->f, len);
	put_u16(w->f, i->l3 ? LINK_RAW : LINK_ETHERNET);
	put_u16(w->f, 0);
	put_u32(w->f, w->snaplen);
	put_option(w->f, OPT_NAME, i->name, name);
	put_option(w->f, OPT_TSRESOL, &nanoseconds, 1);
	put_option(w->f, OPT_END, NULL, 0);
	put_u32(w->f, len);
}

/* The number of an interface, in *out. */
static int interface_of(struct ox_pcapng *w, const struct ox_pcapng_pkt *p,
			uint32_t *out)
{
	struct ox_pcapng_if *i;

	for (*out = 0; *out < w->n; (*out)++)
		if (w->v[*out].l3 == p->l3 &&
		    !strncmp(w->v[*out].name, p->iface, sizeof(w->v->name) - 1))
			return 0;
	i = reallocarray(w->v, w->n + 1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	w->v = i;
	i = &w->v[w->n++];
	snprintf(i->name, sizeof(i->name), "%s", p->iface);
	i->l3 = p->l3;
	put_interface(w, i);
	return 0;
}

int ox_pcapng_begin(struct ox_pcapng *w, FILE *f, uint32_t snaplen)
{
	const uint32_t len = 4 + 4 + 4 + 2 + 2 + 8 + 4;

	*w = (struct ox_pcapng){ .f = f, .snaplen = snaplen };
	put_u32(f, SECTION);
	put_u32(f, len);
	put_u32(f, MAGIC);
	put_u16(f, 1); /* version 1.0 */
	put_u16(f, 0);
	put_u32(f, 0xffffffff); /* the section's length isn't known */
	put_u32(f, 0xffffffff);
	put_u32(f, len);
	return flush(f);
}

int ox_pcapng_put(struct ox_pcapng *w, const struct ox_pcapng_pkt *p)
{
	uint32_t comment = (uint32_t)strnlen(p->comment, OPT_MOST);
	uint32_t len, iface;
	int err = interface_of(w, p, &iface);

	if (err)
		return err;
	len = 8 + 20 + padded(p->kept) + OPT_HEAD + padded(comment) + OPT_HEAD +
	      4;
	put_u32(w->f, PACKET);
	put_u32(w->f, len);
	put_u32(w->f, iface);
	put_u32(w->f, (uint32_t)(p->time_ns >> 32));
	put_u32(w->f, (uint32_t)p->time_ns);
	put_u32(w->f, p->kept);
	put_u32(w->f, p->len);
	put_padded(w->f, p->data, p->kept);
	put_option(w->f, OPT_COMMENT, p->comment, comment);
	put_option(w->f, OPT_END, NULL, 0);
	put_u32(w->f, len);
	return flush(w->f);
}

void ox_pcapng_end(struct ox_pcapng *w)
{
	free(w->v);
	*w = (struct ox_pcapng){ 0 };
}
