/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ftp.h - the commands and answers of FTP that announce a connection, as
 * nf_conntrack_ftp.c and nf_nat_ftp.c of Linux read and write them. Text only:
 * no packets, no tables, no I/O.
 */
#ifndef OVSXDP_PACKET_FTP_H
#define OVSXDP_PACKET_FTP_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

/* enum nf_ct_ftp_type */
enum ox_ftp_type {
	OX_FTP_PORT, /* PORT 192,168,1,1,5,6 */
	OX_FTP_PASV, /* 227 Entering Passive Mode (192,168,1,1,5,6) */
	OX_FTP_EPRT, /* EPRT |1|192.168.1.1|6275| */
	OX_FTP_EPSV, /* 229 Entering Extended Passive Mode (|||6446|) */
};

struct ox_ftp_cmd {
	enum ox_ftp_type type;
	uint32_t off; /* of the address and the port in the text */
	uint32_t len;
	__be32 addr[4]; /* IPv4 in the first, rest 0; EPSV has none */
	__be16 port;
};

enum ox_ftp_found {
	OX_FTP_PARTIAL = -1, /* one that isn't whole, or makes no sense */
	OX_FTP_NONE = 0,
	OX_FTP_CMD = 1,
};

/*
 * The command (reply: the answer) that a segment of len bytes begins with.
 * v6: the connection is of IPv6. addr: of who sent it, which an answer without
 * an address means. *cmd counts with OX_FTP_CMD alone.
 */
enum ox_ftp_found ox_ftp_parse(const void *text, uint32_t len, bool reply,
			       bool v6, const __be32 addr[4],
			       struct ox_ftp_cmd *cmd);

#define OX_FTP_TEXT 64
/* The same with another address and port; port in host order. Returns its
 * bytes. */
uint32_t ox_ftp_format(enum ox_ftp_type type, bool v6, const __be32 addr[4],
		       uint16_t port, char to[OX_FTP_TEXT]);

#endif /* OVSXDP_PACKET_FTP_H */
