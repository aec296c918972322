# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ovsxdp: `make help` lists the targets.

CC	?= gcc
ifeq ($(origin CC),default)
CC	:= gcc
endif
CLANG	?= clang
# The BPF programs have to pass the verifier as these build them, too.
CLANGS	?= clang-16 clang-19
BPFTOOL	?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PREFIX	?= /usr/local
DESTDIR	?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
V	?= 0
WERROR	?= $(if $(filter-out 0 false,$(CI)),1,0)
O	?= build
# Seconds a fuzz target; the whole of check's share is FUZZ_CHECK.
FUZZ_TIME ?= 600
FUZZ_CHECK ?= 60
export O V

CFLAGS	?= -O2 -g
WARN	:= -Wall -Wextra -Wno-format-zero-length $(if $(filter 1,$(WERROR)),-Werror)
# The first line of NEWS says which version this is.
VERSION	:= $(shell sed -n '1s/^ovsxdp \([0-9.]*\).*/\1/p' NEWS)
CPPFLAGS += -I. -Iinclude -I$(O) -D_GNU_SOURCE -DOX_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SAN)
# A pass over actions or ops that lacks one doesn't build.
$(O)/control/codec/%.o $(O)/control/ctl/%.o $(O)/bpf/%.o: ALL_CFLAGS += -Wswitch-enum
MACHINE	:= $(shell $(CC) -dumpmachine)
BPF_ASM ?= /usr/include/$(MACHINE)
# CPUs that load in order need nothing between two loads (bpf/core/compiler.h).
BPF_CFLAGS := -std=gnu11 -O2 -g -target bpf -mcpu=v3 -I. -Iinclude \
	-idirafter $(BPF_ASM) $(if $(filter x86_64% i%86%,$(MACHINE)),,-DOX_WEAK_ORDER) \
	-Wall -Wextra -Wswitch-enum -Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror)
LIBS	= -lxdp -lbpf -lelf -lz -lmnl -lcjson -lpthread

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

.DELETE_ON_ERROR:
# Objects that only a rule names are kept as well. (An empty .SECONDARY would
# keep them too, but make would not miss one that is gone.)
.PRECIOUS: $(O)/%.o $(O)/%.bpf.o $(O)/%.skel.h $(O)/fuzz/%.o
.DEFAULT_GOAL := all

# ---- sources: a new file in a folder is built without a change here ----
CORE_SRC    := $(wildcard bpf/*.c)
CORE_SRC    := $(filter-out %.bpf.c,$(CORE_SRC))
BPF_SRC     := $(wildcard bpf/*.bpf.c)
LOADER_SRC  := $(wildcard loader/*.c)
# The rooms of the daemon, from the top down: each may use what is after it
# (docs/architecture.md); tests/lint/rooms.py looks.
ROOMS	    := family conntrack datapath port packet netlink flow codec base
room_src     = $(wildcard control/$(1)/*.c)
CONTROL_SRC := $(foreach r,$(ROOMS),$(call room_src,$(r)))
CTL_SRC     := $(filter-out control/ctl/main.c,$(wildcard control/ctl/*.c))

# The exporter is left out where libmicrohttpd isn't.
MHD_LIBS := $(shell echo 'int main(void) { return !MHD_get_version(); }' | \
	    $(CC) $(CPPFLAGS) $(LDFLAGS) -include microhttpd.h -x c - \
	    -lmicrohttpd -o /dev/null 2> /dev/null && echo -lmicrohttpd)

obj = $(patsubst %.c,$(O)/%.o,$(1))
SKEL	:= $(patsubst bpf/%.bpf.c,$(O)/bpf/%.skel.h,$(BPF_SRC)) $(O)/bpf/build.skel.h
PROGS	:= $(if $(wildcard control/main.c),$(O)/ovsxdpd) \
	   $(if $(wildcard control/ctl/main.c),$(O)/ovsxdpctl) \
	   $(if $(wildcard control/preload/preload.c),$(O)/libovsxdp-genl.so) \
	   $(if $(wildcard control/seccomp/main.c),$(O)/ovsxdp-seccomp) \
	   $(if $(wildcard control/preload/ovsxdp-run.in),$(O)/ovsxdp-run) \
	   $(if $(MHD_LIBS),$(O)/ovsxdp-exporter)
TEST_SKEL := $(patsubst %.bpf.c,$(O)/%.skel.h,$(wildcard tests/bpf/*.bpf.c))
UNIT	:= $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/unit/test_*.c))
BPFT	:= $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/bpf/test_*.c))
# client_nl is the one that needs libnl: left out where that isn't.
NL_LIBS := $(shell pkg-config --libs libnl-genl-3.0 2>/dev/null)
NL_CFLAGS := $(shell pkg-config --cflags libnl-genl-3.0 2>/dev/null)
INTEROP := $(patsubst tests/%.c,$(O)/tests/%,$(filter-out \
	   $(if $(NL_LIBS),,%/client_nl.c),$(wildcard tests/interop/*.c)))
VMT_SRC := $(wildcard tests/vm/diff_*.c) tests/vm/insns.c
VMT	:= $(patsubst tests/%.c,$(O)/tests/%,$(VMT_SRC))
VMT_LIB := $(filter-out $(VMT_SRC),$(wildcard tests/vm/*.c))
FUZZ	:= $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
# Programs of bench/ are those with a main; lib*.c is what they share.
BENCH_LIB := $(wildcard bench/lib*.c)
BENCH_BPF := $(wildcard bench/vm/*.bpf.c)
BENCH	:= $(patsubst %.c,$(O)/%,$(filter-out $(BENCH_LIB) $(BENCH_BPF),\
	   $(wildcard bench/*.c bench/vm/*.c)))
BENCH_SKEL := $(patsubst %.bpf.c,$(O)/%.skel.h,$(BENCH_BPF))

all: $(PROGS) $(O)/libovsxdp.a $(O)/libcore.a

define bpf_object # CLANG
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(1) $(BPF_CFLAGS) -MMD -MP -MT $@ -MF $(@:.o=.d) -c $< -o $(@:.o=.tmp.o)
	$(Q)$(BPFTOOL) gen object $@ $(@:.o=.tmp.o) && rm -f $(@:.o=.tmp.o)
endef
$(O)/%.bpf.o: %.bpf.c
	$(call bpf_object,$(CLANG))

$(O)/%.skel.h: $(O)/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name ovsxdp_$(notdir $*) > $@

$(O)/%.o: %.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

# Which build the programs of a datapath are of: docs/architecture.md.
%/bpf/build.skel.h: %/bpf/xdp.bpf.o %/bpf/tc.bpf.o
	$(say) GEN $@
	$(Q)printf '#define OX_BUILD_ID "%s"\n' \
		"$$(cat $^ | sha256sum | cut -c 1-16)" > $@

$(call obj,$(LOADER_SRC)): | $(SKEL)

$(O)/libcore.a: $(call obj,$(CORE_SRC))
$(O)/libovsxdp.a: $(call obj,$(LOADER_SRC))
$(foreach r,$(ROOMS),$(eval $(O)/lib$(r).a: $(call obj,$(call room_src,$(r)))))
$(O)/libctl.a: $(call obj,$(CTL_SRC))
$(O)/libtest.a: $(call obj,$(wildcard tests/lib/*.c))
$(O)/%.a:
	$(say) AR $@
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Linked in this order, each once; tests/lint/rooms.py links each alone, too.
STATIC = $(ROOMS:%=$(O)/lib%.a) $(O)/libovsxdp.a $(O)/libcore.a

$(O)/ovsxdpd: $(O)/control/main.o $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# The codec, and of the loader what explains errors: no datapath is opened.
$(O)/ovsxdpctl: $(O)/control/ctl/main.o $(O)/libctl.a $(O)/libcodec.a \
		$(O)/libbase.a $(O)/libovsxdp.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(O)/ovsxdp-exporter: $(call obj,$(wildcard control/exporter/*.c)) \
		$(O)/libctl.a $(O)/libcodec.a $(O)/libbase.a $(O)/libovsxdp.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) $(MHD_LIBS) -o $@

# Never with $(SAN): it is loaded into programs that were built without.
$(O)/libovsxdp-genl.so: $(wildcard control/preload/*.c control/preload/*.h) $(addprefix include/ovsxdp/,address.h netns.h nl.h now.h)
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(filter-out $(SAN),$(ALL_CFLAGS)) $(LDFLAGS) -fPIC -shared -fvisibility=hidden \
		$(wildcard control/preload/*.c) -ldl -lpthread -o $@

# Shares with the preload what is for the daemon, and its rendezvous.
$(O)/ovsxdp-seccomp: $(call obj,$(wildcard control/seccomp/*.c) \
		control/preload/route.c control/preload/side.c \
		control/preload/known.c control/preload/acks.c \
		control/preload/wait.c)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -lseccomp -lpthread -o $@

$(O)/ovsxdp-run: control/preload/ovsxdp-run.in
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)sed 's|@LIBDIR@|$(PREFIX)/lib/ovsxdp|g' $< > $@ && chmod 755 $@

$(O)/tests/%: $(O)/tests/%.o $(O)/libtest.a $(O)/libctl.a $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -lcmocka -o $@

# A client of its own: nothing of ours is linked in.
$(O)/tests/interop/%: $(O)/tests/interop/%.o
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $^ $(LDFLAGS) -lmnl -lpthread -o $@

# A kernel that lacks something, for programs that are run with it.
$(O)/tests/libdeny.so: tests/lib/deny/deny.c
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(filter-out $(SAN),$(ALL_CFLAGS)) $(LDFLAGS) -fPIC -shared $< -ldl -o $@

$(O)/tests/interop/client_nl.o: CPPFLAGS += $(NL_CFLAGS)
$(O)/tests/interop/client_nl: LDFLAGS += $(NL_LIBS)

# Nor here: what is compared with the module knows nothing of our code.
$(O)/tests/vm/insns: VM_LIBS := -lbpf
$(O)/libvmtest.a: $(call obj,$(VMT_LIB))
$(O)/tests/vm/%: $(O)/tests/vm/%.o $(O)/libvmtest.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(VM_LIBS) -o $@

$(call obj,$(wildcard bench/vm/bare.c)): | $(BENCH_SKEL)
$(call obj,bench/ct.c): | $(TEST_SKEL)
$(O)/libbench.a: $(call obj,$(BENCH_LIB))
$(BENCH): $(O)/bench/%: $(O)/bench/%.o $(O)/libbench.a $(O)/libctl.a $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# ---- for arm64, by Debian's cross compiler and its packages ----
# All programs and the unit tests, or those that CROSS_UNIT names, in $(O)/cross;
# tests/cross/build.sh.
CROSS	?= aarch64-linux-gnu
CROSS_ROOT = $(O)/cross/root
CROSS_UNIT = unit
CROSS_LIB = -L$(CROSS_ROOT)/usr/lib/$(CROSS) -Wl,-rpath-link,$(CROSS_ROOT)/usr/lib/$(CROSS):$(CROSS_ROOT)/lib/$(CROSS)
cross:
	$(Q)command -v $(CROSS)-gcc > /dev/null || { \
		echo "no $(CROSS)-gcc: apt-get install gcc-$(CROSS)" >&2; exit 1; }
	$(Q)tests/cross/sysroot $(CROSS_ROOT)
	$(Q)env CC=$(CROSS)-gcc BPF_ASM=/usr/$(CROSS)/include \
		CPPFLAGS="-isystem $(CROSS_ROOT)/usr/include -isystem $(CROSS_ROOT)/usr/include/$(CROSS)" \
		LDFLAGS="$(CROSS_LIB)" $(MAKE) O=$(O)/cross AR=$(CROSS)-ar all $(CROSS_UNIT)

# ---- the BPF objects by other compilers, and tests/bpf over them ----
# In $(O)/clang-N; of the loader, only what holds the objects is built again.
CLANGS_HERE := $(foreach c,$(CLANGS),$(if $(shell command -v $(c)),$(c)))
SKEL_SRC := $(shell grep -l 'skel\.h"' $(LOADER_SRC))

define other_clang
.PRECIOUS: $(O)/$(1)/%.o $(O)/$(1)/%.bpf.o
$(O)/$(1)/%.bpf.o: %.bpf.c
	$$(call bpf_object,$(1))
$(O)/$(1)/%.o: %.c
	$$(say) CC $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(subst -I$(O),-I$(O)/$(1),$$(CPPFLAGS)) $$(ALL_CFLAGS) -MMD -MP -MF $$(@:.o=.d) -c $$< -o $$@
$(BPFT:$(O)/%=$(O)/$(1)/%): $(O)/$(1)/%: $(O)/$(1)/%.o \
		$(SKEL_SRC:%.c=$(O)/$(1)/%.o) $(O)/libtest.a $(O)/libctl.a $(STATIC)
	$$(say) LD $$@
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDFLAGS) $$^ $$(LIBS) -lcmocka -o $$@
$(SKEL_SRC:%.c=$(O)/$(1)/%.o) $(BPFT:$(O)/%=$(O)/$(1)/%.o): | $(SKEL:$(O)/%=$(O)/$(1)/%) $(TEST_SKEL:$(O)/%=$(O)/$(1)/%)
compilers: $(BPFT:$(O)/%=$(O)/$(1)/%)
endef
$(foreach c,$(CLANGS_HERE),$(eval $(call other_clang,$(c))))
compilers:
# What tests/bpf/compilers.sh runs without FULL=1.
compilers_check: $(foreach c,$(CLANGS_HERE),$(addprefix $(O)/$(c)/tests/bpf/,test_xdp test_tc test_ct))

# ---- a daemon whose programs are of another build ----
OTHER_OBJ = $(SKEL_SRC:%.c=$(O)/other/%.o)
.PRECIOUS: $(O)/other/%.o $(O)/other/%.bpf.o
$(O)/other/%.bpf.o: %.bpf.c
	$(call bpf_object,$(CLANG) -include tests/lib/other_build.h)
$(O)/other/%.o: %.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(subst -I$(O),-I$(O)/other,$(CPPFLAGS)) $(ALL_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(OTHER_OBJ): | $(SKEL:$(O)/%=$(O)/other/%)
$(O)/other/ovsxdpd: $(O)/control/main.o $(OTHER_OBJ) $(STATIC)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

unit: $(UNIT)
bpftests: $(BPFT)
interop: $(INTEROP) $(BENCH) $(O)/tests/libdeny.so $(O)/other/ovsxdpd
vmtests: $(VMT)
$(call obj,$(wildcard tests/bpf/test_*.c tests/unit/test_host.c)): | $(SKEL) $(TEST_SKEL)
# The preload's tests load it into programs.
$(UNIT): | $(PROGS)

# ---- fuzzing: the real sources, built once more with clang ----
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer $(WARN) $(FUZZ_SAN)
# No target gets as far as the families, or into ovsxdpctl beyond its words.
FUZZ_LIB := $(CORE_SRC) $(LOADER_SRC) $(filter-out control/family/%,$(CONTROL_SRC)) \
	    $(filter control/ctl/odp_% control/ctl/near.c,$(CTL_SRC)) $(wildcard tests/lib/*.c)

$(O)/fuzz/%.o: %.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link \
		-MMD -MP -MF $(@:.o=.d) -c $< -o $@

FUZZ_OBJ := $(patsubst %.c,$(O)/fuzz/%.o,$(FUZZ_LIB))
$(FUZZ_OBJ): | $(SKEL)
$(O)/fuzz/libfuzz.a: $(FUZZ_OBJ)
$(FUZZ): $(O)/fuzz/%: $(O)/fuzz/tests/fuzz/%.o $(O)/fuzz/libfuzz.a
	$(say) LD $@
	$(Q)$(CLANG) $(FUZZ_SAN) -fsanitize=fuzzer $^ $(LIBS) -lcmocka -o $@

fuzzers: $(FUZZ)
fuzz: fuzzers
	$(Q)FUZZ_TIME=$(FUZZ_TIME) tests/run $(FUZZ)

# ---- checks ----
E2E = $(sort $(wildcard tests/e2e/*.sh))
# Once with each attach mode; these choose modes themselves, or have one.
E2E_OWN = $(shell grep -lE '^own_modes' $(E2E)) $(addprefix tests/e2e/,skbtag.sh scale.sh)
E2E_MODES = $(filter-out $(E2E_OWN),$(E2E))
E2E_XDP = $(foreach m,xdp xdp-generic,$(addsuffix @$(m),$(filter-out \
	tests/e2e/l3.sh,$(E2E_MODES))))
# On a veth "auto" is tc (tests/e2e/attach.sh), so make check asks for tc only
# where it matters what was asked for.
E2E_TC = $(addprefix tests/e2e/,l3.sh linger.sh restart.sh upgrade.sh)
E2E_CHECK = $(E2E) $(E2E_TC:=@tc) $(E2E_XDP)
E2E_ALL = $(E2E) $(E2E_MODES:=@tc) $(E2E_XDP)
LINTS = tests/docs.sh tests/lint/rooms.py $(sort $(wildcard tests/lint/*.sh))
TESTS = $(LINTS) $(UNIT) $(BPFT) $(E2E_CHECK) \
	$(sort $(wildcard tests/interop/*.sh)) $(FUZZ) tests/vm/check.sh
TESTS += tests/bpf/compilers.sh tests/vm/insns.sh tests/distro/check.sh tests/cross/build.sh

# Builds on all CPUs, unless make was told on how many.
ALL_CPUS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

check: deps deps-check deps-deb
	$(Q)$(MAKE) $(ALL_CPUS) all unit bpftests compilers_check interop fuzzers vmtests
	$(Q)FUZZ_TIME=$(call share,$(FUZZ_CHECK),$(words $(FUZZ))) tests/run $(TESTS)
share = $(shell echo $$(($(1) / ($(2) > 0 ? $(2) : 1))))

# The kernel's module as oracle, 20,000 cases each: docs/fidelity.md.
check-vm: deps deps-check deps-vm
	$(Q)$(MAKE) $(ALL_CPUS) all bpftests compilers vmtests \
		$(O)/tests/unit/test_ct_oracle $(O)/tests/unit/test_ct_nat_oracle
	$(Q)FULL=1 tests/vm/check.sh | tee $(O)/vm/check.log
	$(Q)! grep '^not ok' $(O)/vm/check.log
	$(Q)tests/distro/run trixie

e2e: all interop
	$(Q)tests/run $(E2E_ALL) $(sort $(wildcard tests/interop/*.sh))

# Without end-to-end tests; test_* beside them may be .o and .d files.
check-unit: unit bpftests
	$(Q)tests/run $(LINTS) $(UNIT) $(BPFT)

# Small defects, each of which a test must notice: tests/mutants/list. Slow.
check-mutants: deps deps-check
	$(Q)tests/mutants/run

check-asan:
	$(Q)$(MAKE) O=$(O)-asan SAN="$(FUZZ_SAN)" all unit fuzzers
	$(Q)O=$(O)-asan FUZZ_TIME=5 tests/run $(UNIT:$(O)/%=$(O)-asan/%) \
		$(FUZZ:$(O)/%=$(O)-asan/%)

demo: deps
	$(Q)$(MAKE) all
	$(Q)tests/demo.sh

demo-ovn: deps deps-ovn
	$(Q)$(MAKE) all
	$(Q)tests/demo_ovn.sh

bench: deps deps-bench
	$(Q)$(MAKE) all $(BENCH)
	$(Q)bench/run $(O)
	$(Q)bench/plot
bench-plot: deps-bench
	$(Q)bench/plot

# Instructions a packet in QEMU, ours and the module's: docs/performance.md.
bench-vm: deps deps-vm
	$(Q)$(MAKE) all $(BENCH)
	$(Q)bench/vm/run --keep
bench-gate: deps deps-vm
	$(Q)$(MAKE) all $(BENCH)
	$(Q)bench/vm/run --gate

# ---- lint ----
C_FILES = $(shell git ls-files '*.c' '*.h')
SH_FILES = $(shell git ls-files -z | xargs -0 grep -lE -m1 '^\#!(/usr)?/bin/(env )?(ba|busybox |d)?sh' 2>/dev/null)
TIDY_FILES = $(CORE_SRC) $(LOADER_SRC) $(CONTROL_SRC) $(CTL_SRC) \
	$(wildcard control/preload/*.c control/seccomp/*.c control/main.c \
	control/ctl/main.c) $(if $(MHD_LIBS),$(wildcard control/exporter/*.c))

lint: deps-lint $(SKEL)
	$(say) FORMAT "$(words $(C_FILES)) files"
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(say) SHELL "$(words $(SH_FILES)) files"
	$(Q)shellcheck -x -P SCRIPTDIR -e SC1091,SC2317 $(SH_FILES)
	$(say) MUTANTS tests/mutants/list
	$(Q)tests/mutants/run -n
	$(say) CPPCHECK .
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
		--enable=warning,portability --suppress=missingIncludeSystem \
		--suppress=memleak --suppress=resourceLeak \
		--suppress=unknownMacro -I. -Iinclude $(TIDY_FILES) 2>&1
	$(say) TIDY "$(words $(TIDY_FILES)) files"
	$(Q)clang-tidy --quiet $(TIDY_FILES) -- -std=gnu11 $(CPPFLAGS)

# ---- packages ----
DEPS := make gcc libc6-dev linux-libc-dev clang llvm bpftool libbpf-dev \
	libxdp-dev libmnl-dev libelf-dev zlib1g-dev libcjson-dev \
	libseccomp-dev libmicrohttpd-dev libcmocka-dev iproute2 ethtool iputils-ping python3 procps
DEPS_OVN := openvswitch-switch ovn-central ovn-host
DEPS_CHECK := libclang-rt-dev nftables $(CLANGS:%=%?) $(DEPS_OVN) \
	openvswitch-testcontroller python3-pyroute2 python3-pyftpdlib \
	iperf3 tcpdump socat conntrack prometheus \
	golang-go golang-github-mdlayher-genetlink-dev \
	golang-github-vishvananda-netlink-dev \
	libnl-genl-3-dev libnl-utils pkg-config strace debootstrap
DEPS_VM := qemu-system-x86 busybox-static kmod cpio
DEPS_BENCH := gnuplot-nox iperf3 openvswitch-switch util-linux
DEPS_DEB := debhelper dpkg-dev fakeroot lintian git
DEPS_LINT := clang-format clang-tidy shellcheck cppcheck git

deps:
	@.ci/deps $(DEPS)
deps-check:
	@.ci/deps $(DEPS_CHECK)
deps-lint:
	@.ci/deps $(DEPS_LINT)
deps-bench:
	@.ci/deps $(DEPS_BENCH)
deps-ovn:
	@.ci/deps $(DEPS_OVN)
deps-deb:
	@.ci/deps $(DEPS_DEB)
# The kernel itself is fetched to $(O)/vm, not installed.
deps-vm:
	@.ci/deps $(DEPS_VM)
	$(Q)tests/vm/kernel > /dev/null

# ---- installation ----
INSTALL ?= install
DEST = $(DESTDIR)$(PREFIX)
LIBDIR ?= $(PREFIX)/lib
PKGLIBDIR = $(PREFIX)/lib/ovsxdp
MAN8 := $(wildcard man/*.8)
MAN1 := $(wildcard man/*.1)
DROPIN = $(UNITDIR)/ovs-vswitchd.service.d
COMPLETION = $(PREFIX)/share/bash-completion/completions

# Everything of one mode that goes to one folder: $(call put,MODE,FOLDER,FILES)
put = $(Q)$(INSTALL) -d $(DESTDIR)$(2) && $(INSTALL) -m $(1) $(3) $(DESTDIR)$(2)

# Paths of this installation in a file: $(call fill,FILE.in,TO)
fill = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(PKGLIBDIR)|g' \
	-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' $(1) > $(2)
# Always made anew: PREFIX may be another one than before.
filled: | all
	$(Q)mkdir -p $(O)/packaging
	$(Q)$(call fill,packaging/systemd/ovsxdpd.service.in,$(O)/packaging/ovsxdpd.service)
	$(Q)$(call fill,packaging/systemd/ovs-vswitchd.conf.in,$(O)/packaging/ovsxdp.conf)
	$(Q)$(call fill,packaging/systemd/ovsxdp-exporter.service.in,$(O)/packaging/ovsxdp-exporter.service)
	$(Q)$(call fill,packaging/ovsxdp-down.in,$(O)/packaging/ovsxdp-down)
	$(Q)$(call fill,control/preload/ovsxdp-run.in,$(O)/packaging/ovsxdp-run)

install: all filled
	$(say) INSTALL $(DEST)
	$(call put,755,$(PREFIX)/sbin,$(O)/ovsxdpd $(O)/ovsxdpctl)
	$(call put,755,$(PREFIX)/bin,$(O)/packaging/ovsxdp-run)
	$(call put,644,$(PKGLIBDIR),$(O)/libovsxdp-genl.so)
	$(call put,755,$(PKGLIBDIR),$(O)/ovsxdp-seccomp $(O)/packaging/ovsxdp-down)
	$(call put,644,$(LIBDIR),$(O)/libovsxdp.a)
	$(call put,644,$(PREFIX)/include/ovsxdp,$(wildcard include/ovsxdp/*.h))
	$(call put,644,$(PREFIX)/include/ovsxdp/abi,$(wildcard include/ovsxdp/abi/*.h))
	$(call put,644,$(PREFIX)/share/man/man8,$(MAN8))
	$(call put,644,$(PREFIX)/share/man/man1,$(MAN1))
	$(Q)$(INSTALL) -d $(DESTDIR)$(COMPLETION)
	$(Q)$(INSTALL) -m 644 control/ctl/ovsxdpctl.bash-completion \
		$(DESTDIR)$(COMPLETION)/ovsxdpctl
	$(Q)$(INSTALL) -m 644 control/ovsxdpd.bash-completion \
		$(DESTDIR)$(COMPLETION)/ovsxdpd
	$(call put,644,$(UNITDIR),$(O)/packaging/ovsxdpd.service)
ifneq ($(MHD_LIBS),)
	$(call put,755,$(PREFIX)/sbin,$(O)/ovsxdp-exporter)
	$(call put,644,$(UNITDIR),$(O)/packaging/ovsxdp-exporter.service)
	$(call put,644,$(PREFIX)/share/ovsxdp/grafana,packaging/grafana/ovsxdp.json)
endif
	$(Q)$(INSTALL) -d $(DEST)/lib/tmpfiles.d $(DESTDIR)$(SYSCONFDIR)/default
	$(Q)$(INSTALL) -m 644 packaging/systemd/tmpfiles.conf \
		$(DEST)/lib/tmpfiles.d/ovsxdp.conf
	$(Q)[ -e $(DESTDIR)$(SYSCONFDIR)/default/ovsxdp ] || \
		$(INSTALL) -m 644 packaging/systemd/default \
		$(DESTDIR)$(SYSCONFDIR)/default/ovsxdp

# From its next start on ovs-vswitchd.service uses ovsxdpd: not unasked.
install-openvswitch: filled
	$(say) INSTALL $(DESTDIR)$(DROPIN)
	$(call put,644,$(DROPIN),$(O)/packaging/ovsxdp.conf)
	$(call put,755,$(PKGLIBDIR)/bin,packaging/systemd/modprobe)

# Datapaths are taken down first by $(PKGLIBDIR)/ovsxdp-down.
uninstall:
	$(say) REMOVE $(DEST)
	$(Q)rm -f $(DEST)/sbin/ovsxdpd $(DEST)/sbin/ovsxdpctl \
		$(DEST)/sbin/ovsxdp-exporter \
		$(DESTDIR)$(UNITDIR)/ovsxdp-exporter.service \
		$(DEST)/bin/ovsxdp-run $(DESTDIR)$(LIBDIR)/libovsxdp.a \
		$(DESTDIR)$(COMPLETION)/ovsxdpctl \
		$(DESTDIR)$(COMPLETION)/ovsxdpd \
		$(patsubst man/%,$(DEST)/share/man/man8/%,$(MAN8)) \
		$(patsubst man/%,$(DEST)/share/man/man1/%,$(MAN1)) \
		$(DESTDIR)$(UNITDIR)/ovsxdpd.service \
		$(DESTDIR)$(DROPIN)/ovsxdp.conf \
		$(DEST)/lib/tmpfiles.d/ovsxdp.conf \
		$(DESTDIR)$(SYSCONFDIR)/default/ovsxdp
	$(Q)rmdir $(DESTDIR)$(DROPIN) 2> /dev/null || :
	$(Q)rm -rf $(DESTDIR)$(PKGLIBDIR) $(DEST)/include/ovsxdp \
		$(DEST)/share/ovsxdp

# Debian packages, in $(DEB), from what git knows of this tree. All is built
# anew. If DEB_O names a folder for the objects, those that are there are used
# again, which only tests/interop/deb.sh does.
DEB = $(O)/deb
DEB_O =
# 2: the drop-in for ovs-vswitchd has a package of its own.
DEB_VERSION = $(VERSION)-2
deb: deps deps-deb
	$(say) DEB $(DEB)
	$(Q)rm -rf $(DEB) && mkdir -p $(DEB)/ovsxdp-$(VERSION)
	$(Q)git ls-files -z | xargs -0 cp --parents --preserve=mode,timestamps \
		-t $(DEB)/ovsxdp-$(VERSION)
	$(Q)cp -r packaging/debian $(DEB)/ovsxdp-$(VERSION)/debian
	$(Q)printf 'ovsxdp (%s) unstable; urgency=medium\n\n  * See NEWS.\n\n -- %s  %s\n' \
		"$(DEB_VERSION)" "$$(sed -n 's/^Maintainer: //p' packaging/debian/control)" \
		"$$(date -R -r NEWS)" > $(DEB)/ovsxdp-$(VERSION)/debian/changelog
	$(Q)cd $(DEB)/ovsxdp-$(VERSION) && \
		env -u MAKEFLAGS -u MAKELEVEL -u O DEB_O=$(abspath $(DEB_O)) \
		dpkg-buildpackage -b -us -uc \
		> ../build.log 2>&1 || { tail -n 30 ../build.log; exit 1; }
	$(Q)rm -rf $(DEB)/ovsxdp-$(VERSION)
	$(Q)ls $(DEB)/*.deb

help:
	@echo 'make             daemon, tools and libraries, in $(O)/'
	@echo 'make demo        as root: two namespaces switched by XDP'
	@echo 'make demo-ovn    as root: two hosts with OVN, in namespaces'
	@echo 'make check       as root: all tests, some 20 minutes'
	@echo 'make check-unit  as root: unit tests and BPF programs alone, two minutes'
	@echo 'make check-vm    as root: against the kernel module in QEMU, an hour'
	@echo 'make check-mutants  as root: do the tests notice known defects? Slow'
	@echo 'make check-asan  unit tests and fuzz targets with ASan and UBSan'
	@echo 'make e2e         as root: the end-to-end tests alone'
	@echo 'make fuzz        every fuzz target for FUZZ_TIME ($(FUZZ_TIME)) seconds'
	@echo 'make bench       as root: measures, writes bench/results.md'
	@echo '                 and .txt, draws docs/img; bench-plot: draws only'
	@echo 'make bench-vm    instructions a packet, ours and the module'"'"'s, counted by'
	@echo '                 QEMU, to bench/baseline.txt; bench-gate: fails where'
	@echo '                 one of ours rises by more than 3 %'
	@echo 'make lint        clang-format, shellcheck, cppcheck, clang-tidy'
	@echo 'make deps        installs what is missing to build (Debian, root);'
	@echo '                 deps-check, deps-lint, deps-vm, deps-deb, deps-bench,'
	@echo '                 deps-ovn'
	@echo 'make install     to PREFIX ($(PREFIX)) below DESTDIR; uninstall'
	@echo 'make install-openvswitch  ovs-vswitchd.service over it, too'
	@echo 'make deb         Debian packages, in $(O)/deb'
	@echo 'make clean       removes $(O)/'
	@echo
	@echo 'V=1 shows commands, WERROR=1 makes warnings fatal, O=DIR builds there,'
	@echo 'SAN="-fsanitize=address" adds flags to compiler and linker.'

clean:
	$(say) CLEAN $(O)
	$(Q)rm -rf $(O)

-include $(shell find $(O) \( -path $(O)/deb -o -path $(O)/distro -o -path $(O)/mutants \) -prune -o -type f -name '*.d' -print 2>/dev/null)

.PHONY: all cross clean unit bpftests compilers compilers_check interop vmtests fuzzers fuzz check check-unit check-asan \
	check-mutants check-vm e2e demo demo-ovn \
	bench bench-plot bench-vm bench-gate deps-bench lint deps deps-check deps-lint deps-vm \
	deps-deb deps-ovn install install-openvswitch filled uninstall deb help
