# SPDX-License-Identifier: MIT
# rootwalk: build, test, install. `make` builds both programs into build/. One-word switches:
# SANITIZE=address|thread|undefined (own build folder each), DEBUG=1, CC=clang, BUILD=folder.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
SANITIZE ?=
DEBUG    ?=
FUZZER   ?=
BUILD    ?= build$(if $(SANITIZE),-$(SANITIZE))$(if $(FUZZER),-fuzz)$(if $(DEBUG),-debug)
PKGS     := libuv ldns libfyaml jansson libpcap libidn2
WERROR   ?= -Werror

ifeq ($(origin CC),default)
CC := gcc
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wformat=2 -Wcast-align -Wundef -Wimplicit-fallthrough $(WERROR)
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
LINK_HARDEN := -pie -Wl,-z,relro -Wl,-z,now

CPPFLAGS += -I. -I$(BUILD)/gen -D_GNU_SOURCE -DRW_VERSION='"$(VERSION)"'
CFLAGS   ?= -O2 -g
ALL_CFLAGS := -std=c11 $(CFLAGS) $(WARN) $(HARDEN) -pthread
ALL_LDFLAGS := $(LINK_HARDEN) -pthread $(LDFLAGS)

ifneq ($(SANITIZE)$(DEBUG)$(FUZZER),)
CPPFLAGS += -DRW_DEBUG
ALL_CFLAGS += -O1 -fno-omit-frame-pointer
else
CPPFLAGS += -D_FORTIFY_SOURCE=2
endif
ifneq ($(filter-out address thread undefined,$(SANITIZE)),)
$(error SANITIZE is address, thread or undefined, not '$(SANITIZE)')
endif
ifneq ($(SANITIZE),)
ALL_CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
ALL_LDFLAGS += -fsanitize=$(SANITIZE)
endif
ifneq ($(FUZZER),)
ALL_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ALL_LDFLAGS += -fsanitize=address,undefined
endif

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_LIBS  := $(shell pkg-config --libs check 2>/dev/null)

ROOMS := resolver/base resolver/wire cache zones $(addprefix zones/,cuts authority lists localdata) \
	resolver/iterate resolver/stream resolver/net \
	resolver/upstream resolver/config resolver/views resolver/policy resolver/engine resolver/service resolver \
	resolver/client $(addprefix resolver/client/,wire dig trace check) resolver/lab
MAINS := resolver/main.c resolver/client/main.c resolver/lab/main.c
SRC   := $(filter-out $(MAINS),$(foreach room,$(ROOMS),$(sort $(wildcard $(room)/*.c))))
OBJ   := $(SRC:%.c=$(BUILD)/%.o)
LIB   := $(BUILD)/librootwalk.a

UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/check_*.c)))
# Their shared main() and the kits: an archive, so that each program links only what it uses.
KITS    := $(filter-out $(wildcard tests/unit/check_*.c),$(sort $(wildcard tests/unit/*.c)))
# The scenario player comes with two worlds: inside (virtual time) and outside (the daemon itself).
INSIDE  := $(addprefix tests/scenario/,notes.c run.c world.c)
OUTSIDE := $(sort $(wildcard tests/scenario/box*.c))
PLAYER  := $(filter-out $(INSIDE) $(OUTSIDE),$(sort $(wildcard tests/scenario/*.c)))
FUZZ    := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
CORPUS  := $(patsubst fuzz_%,$(BUILD)/tests/corpus_%,$(FUZZ))
ZONES   := $(sort $(wildcard tests/zones/*.c))
TESTS   := $(UNIT) $(BUILD)/tests/play $(BUILD)/tests/blackbox $(CORPUS) $(BUILD)/tests/zone_compare
PROGRAMS := $(if $(wildcard resolver/main.c),$(BUILD)/rootwalkd) \
	$(if $(wildcard resolver/client/main.c),$(BUILD)/rootwalk) \
	$(if $(wildcard resolver/lab/main.c),$(BUILD)/rootwalk-lab)

.PHONY: all tests test demo run check bench fuzz tidy format format-check floors blackbox \
	compdb install uninstall clean
all: $(LIB) $(PROGRAMS)
tests: all $(TESTS)

# One test and what it needs: make test T=check_walk
test:
	+@BUILD="$(BUILD)" scripts/test $(T)

$(BUILD)/gen/zones/cuts/root_hints.inc: ROOT_HINTS
	@mkdir -p $(@D)
	sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $< > $@

$(BUILD)/gen/lab/internet.inc: resolver/lab/internet.yaml
	@mkdir -p $(@D)
	sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $< > $@

$(BUILD)/resolver/lab/scenario.o: $(BUILD)/gen/lab/internet.inc
$(BUILD)/%.o: %.c Makefile | $(BUILD)/gen/zones/cuts/root_hints.inc
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/rootwalkd: $(BUILD)/resolver/main.o $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/rootwalk: $(BUILD)/resolver/client/main.o $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/rootwalk-lab: $(BUILD)/resolver/lab/main.o $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/libunit.a: $(KITS:%.c=$(BUILD)/%.o)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/tests/check_%: $(BUILD)/tests/unit/check_%.o $(BUILD)/tests/libunit.a $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(TEST_LIBS)

$(BUILD)/tests/play: $(patsubst %.c,$(BUILD)/%.o,$(PLAYER) $(INSIDE)) $(LIB)
$(BUILD)/tests/blackbox: $(patsubst %.c,$(BUILD)/%.o,$(PLAYER) $(OUTSIDE)) $(LIB)
$(BUILD)/tests/play $(BUILD)/tests/blackbox:
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Zones beside another server's answers: tests/zones/run.
$(BUILD)/tests/zone_compare: $(ZONES:%.c=$(BUILD)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The load generator of scripts/bench.
$(BUILD)/tests/load: $(BUILD)/tests/bench/load.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# A fuzz target replayed over its stored corpus, as a plain test.
$(BUILD)/tests/corpus_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The same target under libFuzzer; built through `make fuzz`.
$(BUILD)/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ:%=$(BUILD)/fuzz/%)

SECONDS ?= 60
fuzz:
	@scripts/fuzz $(SECONDS)

demo:
	@scripts/demo
run:
	@scripts/run
check:
	@scripts/check
# Beside Debian's unbound; AGAINST=REV: beside that revision of this tree.
bench:
	@scripts/bench $(if $(AGAINST),against $(AGAINST))
# What a resolver does, and what it does under stress (tests/blackbox/README.md); PEER=unbound
# compares. About 8 minutes.
TESTS_ONLY ?= resolve stress
blackbox: all
	tests/blackbox/run $(TESTS_ONLY)
floors:
	scripts/floors
	scripts/length
	scripts/limits

C_FILES = $(sort $(wildcard $(addsuffix /*.[ch],$(ROOMS))) $(wildcard tests/*/*.[ch]))

# compile_commands.json for clangd and its like: how each file is compiled, by the name of the
# compiler alone, whatever runs it here.
COMPDB_C = $(SRC) $(MAINS) $(sort $(wildcard tests/*/*.c))
compdb: export COMMAND = $(subst ",\",$(lastword $(CC)) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS))
compdb: $(BUILD)/gen/zones/cuts/root_hints.inc $(BUILD)/gen/lab/internet.inc
	@before='['; for file in $(COMPDB_C); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' \
			"$$before" '$(CURDIR)' "$$file" "$$COMMAND -c $$file"; \
		before=,; \
	done >compile_commands.json; echo ']' >>compile_commands.json

format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)
tidy:
	scripts/tidy

DESTINATION = $(DESTDIR)$(PREFIX)
install: all
	install -d $(DESTINATION)/sbin $(DESTINATION)/bin $(DESTINATION)/share/rootwalk \
		$(DESTINATION)/share/man/man1 $(DESTINATION)/share/man/man5 \
		$(DESTINATION)/share/man/man8 \
		$(DESTINATION)/share/bash-completion/completions \
		$(DESTINATION)/share/zsh/site-functions
	install -m 755 $(BUILD)/rootwalkd $(DESTINATION)/sbin/
	install -m 755 $(BUILD)/rootwalk $(BUILD)/rootwalk-lab $(DESTINATION)/bin/
	install -m 644 ROOT_HINTS $(DESTINATION)/share/rootwalk/
	install -m 644 resolver/client/completion/rootwalk.bash \
		$(DESTINATION)/share/bash-completion/completions/rootwalk
	install -m 644 resolver/client/completion/_rootwalk $(DESTINATION)/share/zsh/site-functions/
	install -m 644 docs/man/rootwalk.1 docs/man/rootwalk-lab.1 $(DESTINATION)/share/man/man1/
	install -m 644 docs/man/rootwalk.yaml.5 $(DESTINATION)/share/man/man5/
	install -m 644 docs/man/rootwalkd.8 $(DESTINATION)/share/man/man8/

uninstall:
	rm -f $(DESTINATION)/sbin/rootwalkd $(DESTINATION)/bin/rootwalk
	rm -f $(DESTINATION)/bin/rootwalk-lab $(DESTINATION)/share/man/man1/rootwalk-lab.1
	rm -f $(DESTINATION)/share/man/man1/rootwalk.1 $(DESTINATION)/share/man/man5/rootwalk.yaml.5
	rm -f $(DESTINATION)/share/man/man8/rootwalkd.8
	rm -f $(DESTINATION)/share/bash-completion/completions/rootwalk
	rm -f $(DESTINATION)/share/zsh/site-functions/_rootwalk
	rm -rf $(DESTINATION)/share/rootwalk
# Folders that are empty now, but for those of the system's own layout.
	[ ! -d $(DESTINATION) ] || { cd $(DESTINATION) && for folder in share/man/man1 share/man/man5 \
		share/man/man8 share/bash-completion/completions share/bash-completion \
		share/zsh/site-functions share/zsh $(if $(filter /usr /usr/local,$(DESTINATION)),,\
		share/man share bin sbin); do rmdir $$folder 2>/dev/null || :; done; }

clean:
	rm -rf build build-*

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
