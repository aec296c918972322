// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_alg.c - what helpers read of packets: commands of FTP and requests of
 * TFTP, and segments that are rewritten. A command lies inside of its text. A
 * text of our own is read as what was written. What is replaced, and sequence
 * numbers that are put right, stay inside of the packet.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/packet/ct_mangle.h"
#include "control/packet/ftp.h"
#include "control/packet/tftp.h"

#define L3   14
#define ROOM 100

static void format(const struct ox_ftp_cmd *cmd, bool reply, bool v6)
{
	static const char *const before[] = { "PORT ", "227 (", "EPRT ",
					      "229 (" };
	char text[OX_FTP_TEXT], line[2 * OX_FTP_TEXT];
	struct ox_ftp_cmd again;
	uint32_t len =
		ox_ftp_format(cmd->type, v6, cmd->addr, ntohs(cmd->port), text);
	int n;

	if (!len || len >= sizeof(text) || text[len])
		abort();
	/* PORT of a connection over IPv6 is half an address */
	if (v6 && (cmd->type == OX_FTP_PORT || cmd->type == OX_FTP_PASV))
		return;
	n = snprintf(line, sizeof(line), "%s%s%s", before[cmd->type], text,
		     reply ? ")\r\n" : "\r\n");
	if (ox_ftp_parse(line, (uint32_t)n, reply, v6, cmd->addr, &again) !=
		    OX_FTP_CMD ||
	    again.port != cmd->port ||
	    memcmp(again.addr, cmd->addr, sizeof(again.addr)))
		abort();
}

static void parse(const uint8_t *text, uint32_t len, bool reply, bool v6)
{
	static const __be32 own[4] = { 1, 2, 3, 4 };
	const __be32 own4[4] = { 1 };
	struct ox_ftp_cmd cmd;

	if (ox_ftp_parse(text, len, reply, v6, v6 ? own : own4, &cmd) !=
	    OX_FTP_CMD)
		return;
	if (!cmd.len || cmd.off > len || cmd.len > len - cmd.off)
		abort();
	if (cmd.port || cmd.type == OX_FTP_PORT || cmd.type == OX_FTP_PASV)
		format(&cmd, reply, v6);
}

/* A header with options from the input, and what comes after it. */
static void rewrite(const uint8_t *data, uint32_t len, bool v6)
{
	uint32_t l4 = L3 + (v6 ? 40 : 20), doff;
	uint8_t *room = calloc(1, l4 + len + ROOM);
	struct ox_host_pkt pkt = { .data = room,
				   .len = l4 + len,
				   .tailroom = ROOM };
	struct ox_ct_adj mine = { .before = 1 }, theirs = { .after = -9 };
	uint32_t off, n, to, all;

	if (!room)
		return;
	room[L3] = v6 ? 0x60 : 0x45;
	memcpy(room + l4, data, len);
	doff = (room[l4 + 12] >> 4) * 4;
	if (doff >= 20 && doff <= len) {
		mine.pos = data[0];
		theirs.pos = (uint32_t)data[1] << 24;
		ox_adj_segment(&pkt, l4, &mine, &theirs);
		off = data[2] % (len - doff + 1);
		n = data[3] % (len - doff - off + 1);
		to = data[4] % OX_FTP_TEXT;
		all = pkt.len - n + to;
		if (ox_mangle_tcp(&pkt, L3, l4, off, n,
				  "0123456789012345678901234567890123456789"
				  "012345678901234567890123456789",
				  to) ||
		    pkt.len != all || pkt.len + pkt.tailroom != l4 + len + ROOM)
			abort();
	}
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size < 2 || size > 2000)
		return 0;
	/* of its own size, so that a read past its end shows */
	copy = malloc(size - 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	parse(copy, (uint32_t)size - 1, data[0] & 1, data[0] & 2);
	ox_tftp_asks(copy, (uint32_t)size - 1);
	if (size > 21)
		rewrite(copy, (uint32_t)size - 1, data[0] & 2);
	free(copy);
	return 0;
}
