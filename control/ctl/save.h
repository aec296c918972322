/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * save.h - what save writes and restore reads: lines of JSON. Names of members
 * are those of the command line's options.
 */
#ifndef OVSXDP_CTL_SAVE_H
#define OVSXDP_CTL_SAVE_H

/* Changes with what an older restore would take for something else. */
#define OX_SAVE_VERSION 1

#endif /* OVSXDP_CTL_SAVE_H */
