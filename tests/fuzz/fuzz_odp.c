// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow syntax under random text, and the formatter under random
 * attributes. First byte: 0 flow, 1 actions, 2 raw attributes. What the
 * parser takes has to come out as text that it takes again.
 */
#include <stdlib.h>
#include <string.h>

#include "control/ctl/odp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ox_odp_port port_list[] = { { 1, "veth1" }, { 2, "a-b.c" } };
static const struct ox_odp_ports ports = { port_list, 2 };
static const struct ox_odp_style named = { .names = &ports };
static const struct ox_odp_style more = { .more = true };

static char *key_text(const void *k, uint32_t k_len, const void *m,
		      uint32_t m_len, const struct ox_odp_style *st)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	ox_odp_format_key(f, k, k_len, m, m_len, st);
	fclose(f);
	return text;
}

static void check_flow(const char *in)
{
	static struct ox_odp_flow a, b;
	struct ox_err e;
	char *text;

	if (ox_odp_parse_flow(in, &ports, &a, &e))
		return;
	text = key_text(ox_odp_attrs_data(&a.key), ox_odp_attrs_len(&a.key),
			ox_odp_attrs_data(&a.mask), ox_odp_attrs_len(&a.mask),
			&more);
	if (ox_odp_parse_flow(text, &ports, &b, &e))
		abort();
	free(text);
	cJSON_Delete(ox_odp_json_key(
		ox_odp_attrs_data(&a.key), ox_odp_attrs_len(&a.key),
		ox_odp_attrs_data(&a.mask), ox_odp_attrs_len(&a.mask), &named));
}

static char *acts_text(const void *acts, uint32_t len)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	ox_odp_format_actions(f, acts, len, &named);
	fclose(f);
	return text;
}

static void check_actions(const char *in)
{
	static struct ox_odp_attrs a, b;
	struct ox_err e;
	char *text;

	if (ox_odp_parse_actions(in, &ports, &a, &e))
		return;
	text = acts_text(ox_odp_attrs_data(&a), ox_odp_attrs_len(&a));
	if (ox_odp_parse_actions(text, &ports, &b, &e))
		abort();
	free(text);
}

/* Half of it key (and actions), half of it mask. */
static void check_raw(const uint8_t *data, uint32_t size)
{
	uint32_t half = size / 2 & ~3u;
	uint8_t *copy = malloc(size + 1); /* aligned as messages are */

	if (!copy)
		abort();
	memcpy(copy, data, size);
	free(key_text(copy, half, copy + half, size - half, &named));
	free(key_text(copy, size, NULL, 0, &more));
	free(acts_text(copy, size));
	cJSON_Delete(
		ox_odp_json_key(copy, half, copy + half, size - half, &more));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 1 || size > 16384)
		return 0;
	if (data[0] % 3 == 2) {
		check_raw(data + 1, (uint32_t)size - 1);
		return 0;
	}
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		abort();
	if (data[0] % 3 == 0)
		check_flow(text);
	else
		check_actions(text);
	free(text);
	return 0;
}
