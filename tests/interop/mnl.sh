#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A libmnl program that was written for the module, under ovsxdp-run.

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
host_up 1
daemon_start
cases_of sw timeout 60 "$O/ovsxdp-run" "$O/tests/interop/client_mnl" \
	dpm p1
finish
