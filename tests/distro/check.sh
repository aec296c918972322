#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1500
# beside: it has a root, a network and processes of its own
#
# In `make check`: built on Debian 13 and its programs run there, in short
# (tests/distro/run). Without a root from an earlier run, the most of it is
# downloading one: 250 MB.
exec tests/distro/run --short trixie
