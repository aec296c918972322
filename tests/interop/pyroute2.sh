#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Debian's python3-pyroute2 under ovsxdp-run.

. "$(dirname "$0")/../lib/e2e.sh"
/usr/bin/python3 -c 'import pyroute2' 2> /dev/null ||
	bail "python3-pyroute2 is not installed"

switch_up
host_up 1
daemon_start
cases_of sw timeout 60 "$O/ovsxdp-run" /usr/bin/python3 \
	tests/interop/client_pyroute2.py dpp p1
finish
