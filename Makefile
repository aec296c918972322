# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ovsxdp: `make help` lists the targets.

CC	?= gcc
ifeq ($(origin CC),default)
CC	:= gcc
endif
CLANG	?= clang
BPFTOOL	?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PREFIX	?= /usr/local
DESTDIR	?=
V	?= 0
WERROR	?= $(if $(CI),1,0)
O	?= build

CFLAGS	?= -O2 -g
WARN	:= -Wall -Wextra -Wno-format-zero-length $(if $(filter 1,$(WERROR)),-Werror)
CPPFLAGS += -I. -Iinclude -I$(O) -D_GNU_SOURCE
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SAN)
BPF_CFLAGS := -std=gnu11 -O2 -g -target bpf -mcpu=v3 -I. -Iinclude \
	-idirafter /usr/include/$(shell $(CC) -dumpmachine) \
	-Wall -Wextra -Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror)
LIBS	= -lxdp -lbpf -lelf -lz -lmnl -lcjson -lpthread

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

# ---- sources: a new file in a folder is built without a change here ----
CORE_SRC    := $(wildcard bpf/*.c)
CORE_SRC    := $(filter-out %.bpf.c,$(CORE_SRC))
BPF_SRC     := $(wildcard bpf/*.bpf.c)
LOADER_SRC  := $(wildcard loader/*.c)
CONTROL_SRC := $(filter-out control/main.c,$(wildcard control/*.c))
CTL_SRC     := $(filter-out control/ctl/main.c,$(wildcard control/ctl/*.c))

obj = $(patsubst %.c,$(O)/%.o,$(1))
SKEL	:= $(patsubst bpf/%.bpf.c,$(O)/bpf/%.skel.h,$(BPF_SRC))
PROGS	:= $(if $(wildcard control/main.c),$(O)/ovsxdpd) \
	   $(if $(wildcard control/ctl/main.c),$(O)/ovsxdpctl) \
	   $(if $(wildcard control/preload/preload.c),$(O)/libovsxdp-genl.so) \
	   $(if $(wildcard control/preload/ovsxdp-run.in),$(O)/ovsxdp-run)
UNIT	:= $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/unit/test_*.c))
BPFT	:= $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/bpf/test_*.c))

all: $(PROGS) $(O)/libovsxdp.a $(O)/libcore.a

$(O)/bpf/%.bpf.o: bpf/%.bpf.c
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $(@:.o=.tmp.o)
	$(Q)$(BPFTOOL) gen object $@ $(@:.o=.tmp.o) && rm -f $(@:.o=.tmp.o)

$(O)/bpf/%.skel.h: $(O)/bpf/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name ovsxdp_$* > $@

$(O)/%.o: %.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(call obj,$(LOADER_SRC)): | $(SKEL)

$(O)/libcore.a: $(call obj,$(CORE_SRC))
$(O)/libovsxdp.a: $(call obj,$(LOADER_SRC))
$(O)/libcontrol.a: $(call obj,$(CONTROL_SRC))
$(O)/libctl.a: $(call obj,$(CTL_SRC))
$(O)/libtest.a: $(call obj,$(wildcard tests/lib/*.c))
$(O)/%.a:
	$(say) AR $@
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

STATIC = $(O)/libcontrol.a $(O)/libovsxdp.a $(O)/libcore.a

$(O)/ovsxdpd: $(O)/control/main.o $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(O)/ovsxdpctl: $(O)/control/ctl/main.o $(O)/libctl.a $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(O)/libovsxdp-genl.so: $(wildcard control/preload/*.c control/preload/*.h) include/ovsxdp/nl.h
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -fPIC -shared -fvisibility=hidden \
		$(wildcard control/preload/*.c) -ldl -lpthread -o $@

$(O)/ovsxdp-run: control/preload/ovsxdp-run.in
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)sed 's|@LIBDIR@|$(PREFIX)/lib/ovsxdp|g' $< > $@ && chmod 755 $@

$(O)/tests/%: $(O)/tests/%.o $(O)/libtest.a $(O)/libctl.a $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -lcmocka -o $@

unit: $(UNIT)
bpftests: $(BPFT)

clean:
	$(say) CLEAN $(O)
	$(Q)rm -rf $(O)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

.PHONY: all clean unit bpftests
