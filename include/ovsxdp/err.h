/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * err.h - an error with its words. Functions that can fail in ways that a
 * person should read take a struct ox_err * (may be NULL) and return -errno;
 * ox_err_set() is the one way to fill it. The text names the object, the
 * value and the remedy; as extended ACK it travels to netlink clients.
 */
#ifndef OVSXDP_ERR_H
#define OVSXDP_ERR_H

#include <stdint.h>

struct ox_err {
	int code;	    /* -errno, 0: none set */
	uint32_t offset;    /* of the bad attribute in the request; 0: none.
			     * ovsxdpctl, of a text: the bad column, from 1 */
	uint32_t miss_type; /* NLMSGERR_ATTR_MISS_TYPE + 1; 0: none */
	uint32_t miss_nest; /* offset of the nest that lacks it; 0: none */
	uint64_t cookie;    /* NLMSGERR_ATTR_COOKIE of success; 0: none */
	char msg[256];	    /* may be empty */
};

/*
 * Fills e (if not NULL) and returns code, which is negative. Keeps an offset
 * set before. An empty format leaves no text, as the module does for many.
 */
int ox_err_set(struct ox_err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* OVSXDP_ERR_H */
