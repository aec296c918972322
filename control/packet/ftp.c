// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ftp.c - what FTP says of connections to come: nf_conntrack_ftp.c. */
#include "control/packet/ftp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct text {
	const uint8_t *p;
	uint32_t len;
};

static struct text skip(struct text t, uint32_t n)
{
	return (struct text){ t.p + n, t.len - n };
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* ---- numbers; each returns how long they are, or 0 ---- */

/* try_number(): n of them, with sep between. term ends them; 0: anything. */
static uint32_t numbers(struct text t, uint32_t *out, uint32_t n, uint8_t sep,
			uint8_t term)
{
	uint32_t i = 0;

	memset(out, 0, n * sizeof(*out));
	for (uint32_t at = 0; at < t.len && i < n; at++) {
		uint8_t c = t.p[at];

		if (is_digit(c))
			out[i] = out[i] * 10 + c - '0';
		else if (c == sep)
			i++;
		else
			return (!term || c == term) && i == n - 1 ? at : 0;
	}
	return 0;
}

static __be32 ipv4(const uint32_t n[4])
{
	return htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
}

/* try_rfc959() */
static uint32_t six_numbers(struct text t, struct ox_ftp_cmd *cmd, uint8_t term)
{
	uint32_t n[6], len = numbers(t, n, 6, ',', term);

	if (!len)
		return 0;
	cmd->addr[0] = ipv4(n);
	cmd->port = htons((uint16_t)(n[4] << 8 | n[5]));
	return len;
}

/* try_rfc1123(): servers disagree about what is around the numbers. */
static uint32_t six_anywhere(struct text t, struct ox_ftp_cmd *cmd,
			     uint8_t term)
{
	uint32_t i = 0;

	(void)term;
	while (i < t.len && !is_digit(t.p[i]))
		i++;
	if (i == t.len)
		return 0;
	cmd->off += i;
	return six_numbers(skip(t, i), cmd, 0);
}

/* get_port(): a number from start on, and the delimiter after it. */
static uint32_t port_at(struct text t, uint32_t start, uint8_t delim,
			struct ox_ftp_cmd *cmd)
{
	uint16_t port = 0;

	for (uint32_t i = start; i < t.len; i++) {
		uint8_t c = t.p[i];

		if (c == delim) {
			cmd->port = htons(port);
			return port ? i + 1 : 0;
		}
		if (!is_digit(c))
			return 0;
		port = (uint16_t)(port * 10 + c - '0');
	}
	return 0;
}

static bool is_delim(uint8_t c)
{
	return !is_digit(c) && c >= 33 && c <= 126;
}

/* get_ipv6_addr(): up to the delimiter. */
static uint32_t ipv6_at(struct text t, uint8_t delim, struct ox_ftp_cmd *cmd)
{
	char text[INET6_ADDRSTRLEN];
	const uint8_t *end = memchr(t.p, delim, t.len);
	uint32_t len = end ? (uint32_t)(end - t.p) : 0;

	if (!len || len >= sizeof(text))
		return 0;
	memcpy(text, t.p, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, cmd->addr) == 1 ? len : 0;
}

/* try_eprt(): |1|132.235.1.2|6275| or |2|3ffe::1|6275| */
static uint32_t eprt(struct text t, struct ox_ftp_cmd *cmd, bool v6)
{
	uint32_t n[4], len;
	uint8_t delim;

	if (t.len <= 3)
		return 0;
	delim = t.p[0];
	if (!is_delim(delim) || t.p[2] != delim || t.p[1] != (v6 ? '2' : '1'))
		return 0;
	if (v6) {
		len = ipv6_at(skip(t, 3), delim, cmd);
	} else {
		len = numbers(skip(t, 3), n, 4, '.', delim);
		if (len)
			cmd->addr[0] = ipv4(n);
	}
	return len ? port_at(t, 3 + len + 1, delim, cmd) : 0;
}

/* try_epsv_response(): |||6446| */
static uint32_t epsv(struct text t, struct ox_ftp_cmd *cmd)
{
	uint8_t delim;

	if (t.len <= 3)
		return 0;
	delim = t.p[0];
	if (!is_delim(delim) || t.p[1] != delim || t.p[2] != delim)
		return 0;
	return port_at(t, 3, delim, cmd);
}

/* ---- commands ---- */

static const struct pattern {
	const char *word;
	uint8_t skip; /* up to and with it; 0: nothing */
	uint8_t term;
	enum ox_ftp_type type;
} patterns[2][2] = {
	{
		{ "PORT", ' ', '\r', OX_FTP_PORT },
		{ "EPRT", ' ', '\r', OX_FTP_EPRT },
	},
	{
		{ "227 ", 0, 0, OX_FTP_PASV },
		{ "229 ", '(', ')', OX_FTP_EPSV },
	},
};

static uint32_t get_numbers(const struct pattern *p, struct text t, bool v6,
			    struct ox_ftp_cmd *cmd)
{
	switch (p->type) {
	case OX_FTP_PORT:
		return six_numbers(t, cmd, p->term);
	case OX_FTP_PASV:
		return six_anywhere(t, cmd, p->term);
	case OX_FTP_EPRT:
		return eprt(t, cmd, v6);
	case OX_FTP_EPSV:
		return epsv(t, cmd);
	}
	return 0;
}

#define WORD 4 /* bytes of each pattern's */

/* find_pattern() */
static enum ox_ftp_found find(const struct pattern *p, struct text t, bool v6,
			      struct ox_ftp_cmd *cmd)
{
	uint32_t i = WORD;

	if (t.len <= WORD)
		return strncasecmp((const char *)t.p, p->word, t.len)
			       ? OX_FTP_NONE
			       : OX_FTP_PARTIAL;
	if (strncasecmp((const char *)t.p, p->word, WORD))
		return OX_FTP_NONE;
	for (; p->skip && t.p[i] != p->skip; i++)
		if (i == t.len - 1)
			return OX_FTP_PARTIAL;
	if (p->skip)
		i++;
	cmd->type = p->type;
	cmd->off = i;
	cmd->len = get_numbers(p, skip(t, i), v6, cmd);
	return cmd->len ? OX_FTP_CMD : OX_FTP_PARTIAL;
}

enum ox_ftp_found ox_ftp_parse(const void *text, uint32_t len, bool reply,
			       bool v6, const __be32 addr[4],
			       struct ox_ftp_cmd *cmd)
{
	const struct text t = { text, len };
	enum ox_ftp_found found = OX_FTP_NONE;

	for (int i = 0; len && !found && i < 2; i++) {
		*cmd = (struct ox_ftp_cmd){ 0 };
		memcpy(cmd->addr, addr, sizeof(cmd->addr));
		found = find(&patterns[reply][i], t, v6, cmd);
	}
	return found;
}

/* ---- the other way ---- */

uint32_t ox_ftp_format(enum ox_ftp_type type, bool v6, const __be32 addr[4],
		       uint16_t port, char to[OX_FTP_TEXT])
{
	const uint8_t *a = (const uint8_t *)addr;
	char text[INET6_ADDRSTRLEN];
	int n = 0;

	switch (type) {
	case OX_FTP_PORT:
	case OX_FTP_PASV:
		n = snprintf(to, OX_FTP_TEXT, "%u,%u,%u,%u,%u,%u", a[0], a[1],
			     a[2], a[3], port >> 8, port & 0xff);
		break;
	case OX_FTP_EPRT:
		if (!inet_ntop(v6 ? AF_INET6 : AF_INET, a, text, sizeof(text)))
			return 0;
		if (v6) /* whole, as "%pI6" */
			snprintf(text, sizeof(text),
				 "%02x%02x:%02x%02x:%02x%02x:%02x%02x:"
				 "%02x%02x:%02x%02x:%02x%02x:%02x%02x",
				 a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
				 a[8], a[9], a[10], a[11], a[12], a[13], a[14],
				 a[15]);
		n = snprintf(to, OX_FTP_TEXT, "|%c|%s|%u|", v6 ? '2' : '1',
			     text, port);
		break;
	case OX_FTP_EPSV:
		n = snprintf(to, OX_FTP_TEXT, "|||%u|", port);
		break;
	}
	return (uint32_t)n;
}
