// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * arg.c - numbers, lists and words on the command line.
 */
#include "control/ctl/ctl.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stopped;

int ox_arg_u32(const char *text, uint32_t max, uint32_t *v, struct ox_err *e)
{
	unsigned long long got;
	char *end;

	errno = 0;
	got = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)*text) || errno || *end || got > max)
		return ox_err_set(e, OX_CTL_USAGE,
				  "'%.60s' is not a number from 0 to %u", text,
				  max);
	*v = (uint32_t)got;
	return 0;
}

int ox_arg_name(const char *text, struct ox_err *e)
{
	size_t n = strlen(text);

	if (n && n < IFNAMSIZ)
		return 0;
	return ox_err_set(e, OX_CTL_USAGE,
			  "'%.60s' has %zu characters; a device's name has 1 "
			  "to %d",
			  text, n, IFNAMSIZ - 1);
}

int ox_arg_u32_list(const char *text, uint32_t *v, uint32_t size, uint32_t *n,
		    struct ox_err *e)
{
	char one[16];

	*n = 0;
	for (;;) {
		size_t len = strcspn(text, ":");
		int err;

		if (len >= sizeof(one) || *n == size)
			return ox_err_set(e, OX_CTL_USAGE,
					  "'%.60s': at most %u numbers with "
					  "colons between",
					  text, size);
		memcpy(one, text, len);
		one[len] = '\0';
		err = ox_arg_u32(one, UINT32_MAX, &v[(*n)++], e);
		if (err)
			return err;
		if (!text[len])
			return 0;
		text += len + 1;
	}
}

static void on_signal(int signo)
{
	(void)signo;
	stopped = 1;
}

bool ox_ctl_stopped(void)
{
	return stopped;
}

/* Without SA_RESTART: a wait has to end when the user wants to leave. */
void ox_ctl_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	stopped = 0;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}
