# make              the program
# make check        all tests; make help lists the rest
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/proxytunnel
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
# Time goes to the kernel, memory to every tunnel: small code serves best.
CFLAGS ?= -Os -g
WARN = -Wall -Wextra -Wshadow -Wpointer-arith -Wwrite-strings -Wformat=2 \
       -Wstrict-prototypes -Wmissing-prototypes -Wconversion
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2
# POSIX.1-2008, with ppoll, explicit_bzero and struct tcp_info.
STANDARD = -std=c11 -D_GNU_SOURCE
ALL_CFLAGS = $(STANDARD) $(WARN) $(HARDEN) $(PIE) $(LEAN) -pthread -MMD -MP $(OPTIONS) $(CFLAGS)
ALL_LDFLAGS = $(LINK) -pthread -Wl,-z,relro,-z,now $(LDFLAGS)
PIE = -fPIE
# Nothing unwinds the stack; a debugger has its own tables with -g.
LEAN = -fno-asynchronous-unwind-tables
LINK = -pie

# make STATIC=1     one file without shared libraries (CC=musl-gcc: a small one)
#                   LIBCRYPTO=FILE.a links that in, too, for Digest and NTLM,
#                   and with it LIBSSL=FILE.a for TLS
ifdef STATIC
PIE =
LINK = -static -Wl,-z,noseparate-code \
       -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
ARENA = $B/arena.o
OPTIONS += -DSTATIC_BUILD
ifdef LIBSSL
OPTIONS += -DLINKED_OPENSSL
LDLIBS += $(LIBSSL)
endif
ifdef LIBCRYPTO
OPTIONS += -DLINKED_CRYPTO
LDLIBS += $(LIBCRYPTO)
endif
endif
# make PORTABLE=1   without what only Linux has
ifdef PORTABLE
OPTIONS += -DPORTABLE
endif

# make NO_SPLICE=1    every byte goes through the program's own memory
ifdef NO_SPLICE
OPTIONS += -DNO_SPLICE
endif

# Where objects go; the other builds of one tree have a folder each.
B ?= build/main

# The floors of the design, lowest first.  PURE reaches no system call.
PURE = buf text utf16 addr noproxy fail series http1 words refusal offers heard hash basic \
       digest ntlm auth http socks wgetrc netrc configfile tlsoptions greeting json ports advice
REST = log file configread epoll loop library crypto child prompt negotiate proxyauto stream \
       openssl certificate tlscontext tls resolve net listener systemd pool relay secret ask \
       route question alternatives errand opening tunnel automatic findings probe survey knock \
       run stdio fdpass listen checkrun check scan authinfo report reportjson settings options \
       optiontable optionvalue hopoptions checkoptions environment help version trail printconfig
# What a plain tunnel does not run stands behind the rest in the program: its start
# touches fewer pages.
SELDOM = utf16 noproxy series words refusal heard basic ntlm socks wgetrc netrc configfile \
         greeting json ports advice child prompt proxyauto openssl certificate tls listener ask \
         alternatives automatic findings probe survey knock fdpass listen checkrun check scan \
         authinfo report reportjson help version printconfig
OBJS = $(ARENA) $(patsubst %,$B/%.o,$(filter-out $(SELDOM),$(PURE) $(REST)) $(SELDOM))
TESTS = $(patsubst tests/unit/%.c,$B/tests/%,$(wildcard tests/unit/*_test.c))
FUZZERS = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))

# Programs of the tests that are not under test themselves.
HOSTILE = build/hostile
BENCH = build/bench/bed build/bench/drive build/bench/floor
SOAK = build/soak

Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $1')

all: proxytunnel completions

proxytunnel: $B/proxytunnel
	$Q cp $< $@

$B/proxytunnel: $B/proxytunnel.o $(OBJS)
	$(call say,LINK $@)
	$Q $(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# Other flags or another compiler make all anew.
FLAGS = $(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(ALL_LDFLAGS) $(LDLIBS)
$B/flags: force
	$Q mkdir -p $(@D)
	$Q echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@

$B/%.o: %.c $B/flags
	$(call say,CC $<)
	$Q mkdir -p $(@D)
	$Q $(CC) $(ALL_CFLAGS) $(CPPFLAGS) -c -o $@ $<

$B/tests/%_test: tests/unit/%_test.c $(OBJS)
	$(call say,TEST $@)
	$Q mkdir -p $(@D)
	$Q $(CC) $(ALL_CFLAGS) -I. $(ALL_LDFLAGS) -o $@ $< $(OBJS) $(LDLIBS)

$B/tests/talk: tests/talk/talk.c $(OBJS)
	$(call say,TEST $@)
	$Q mkdir -p $(@D)
	$Q $(CC) $(ALL_CFLAGS) -I. $(ALL_LDFLAGS) -o $@ $< $(OBJS) $(LDLIBS)

$(HOSTILE) $(SOAK): build/%: tests/%.c
	$(call say,CC $<)
	$Q mkdir -p $(@D)
	$Q $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MF $@.d -o $@ $<

build/bench/%: tests/bench/%.c
	$(call say,CC $<)
	$Q mkdir -p $(@D)
	$Q $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MF $@.d -o $@ $<

# What a tunnel costs at least has no dynamic linker.
MUSL = $(shell command -v musl-gcc)
build/bench/floor: tests/bench/floor.c
	$(call say,CC $<)
	$Q mkdir -p $(@D)
	$Q $(or $(MUSL),$(CC)) $(STANDARD) $(WARN) $(CFLAGS) -MMD -MF $@.d -static -o $@ $<

# What tests preload.
build/%.so: tests/%.c
	$(call say,CC $<)
	$Q mkdir -p $(@D)
	$Q $(CC) $(STANDARD) $(WARN) $(CFLAGS) -fPIC -shared -o $@ $<

# Completions are made from the table of options, by a program that runs here
# whatever machine the rest is for.
HOSTCC ?= cc
C = build/completions
completions: $C/proxytunnel.bash $C/_proxytunnel $C/proxytunnel.fish

$C/generate: completions/generate.c options.def
	$(call say,HOSTCC $<)
	$Q mkdir -p $(@D)
	$Q $(HOSTCC) $(STANDARD) $(WARN) -I. -o $@ $<

$C/proxytunnel.bash: completions/bash $C/generate
	$Q $C/generate bash <$< >$@
$C/_proxytunnel: completions/zsh $C/generate
	$Q $C/generate zsh <$< >$@
$C/proxytunnel.fish: completions/fish $C/generate
	$Q $C/generate fish <$< >$@

# Fuzzers have their own build of what they reach.
FUZZ_REACHES = $(PURE) log file epoll loop library crypto openssl tlscontext resolve secret \
       route alternatives settings help options optiontable optionvalue hopoptions \
       checkoptions environment trail printconfig
FUZZ_OBJS = $(FUZZ_REACHES:%=build/fuzz/objects/%.o)
FUZZ_FLAGS = $(STANDARD) -Wall -Werror -g -O1 -I. -MMD -MP \
       -fno-sanitize-recover=undefined -fsanitize=address,undefined
build/fuzz/objects/%.o: %.c
	$Q mkdir -p $(@D)
	$Q clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

build/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJS)
	$(call say,FUZZER $@)
	$Q clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_OBJS)

fuzzers: $(FUZZERS)
force:
unit: $(TESTS) $B/tests/talk

# The pure floor reaches memory, strings and order of libc, and nothing else.
empty =
space = $(empty) $(empty)
PURE_MAY = mem[a-z]* str[a-z]* explicit_bzero malloc calloc realloc free qsort \
       vsnprintf inet_pton __[a-z_]*_chk __stack_chk_fail __ctype_[a-z_]* \
       _GLOBAL_OFFSET_TABLE_
floors: $(PURE:%=$B/%.o)
	$Q nm $^ | awk -v may='^($(subst $(space),|,$(strip $(PURE_MAY))))(@.*)?$$' \
	    'NF == 3 { own[$$3] = 1 } NF == 2 { used[$$2] = 1 } \
	    END { for (s in used) if (!(s in own) && s !~ may) { \
	    print "the pure floor reaches " s; bad = 1 } exit bad }'

check:
	$Q tests/run

demo: proxytunnel $(HOSTILE)
	$Q tests/demo

# The program linked statically is measured, too, where musl is there.  It is a
# copy, as what is installed: what a linker has written starts slower.
bench: proxytunnel $(BENCH)
	$(if $(MUSL),$Q $(MAKE) -s B=build/bench/static STATIC=1 CC=musl-gcc \
	    build/bench/static/proxytunnel && \
	    cp build/bench/static/proxytunnel build/bench/proxytunnel-static)
	$Q tests/bench/bench.py

soak: proxytunnel $(SOAK)
	$Q $(SOAK) -t $(or $(SECONDS),600) -n $(or $(TUNNELS),1000) \
	    $(if $(SEED),-s $(SEED)) -g -e build/soak.log \
	    $(or $(PROXYTUNNEL),./proxytunnel) -q -a 127.0.0.1:0 \
	    --half-close=0.05 -p 127.0.0.1:%p destination.example:1

# All fuzzers, an hour of a processor in all unless FUZZ_SECONDS says otherwise.
fuzz:
	$Q FUZZ_SECONDS=$${FUZZ_SECONDS:-3600} tests/run fuzz

# Units of systemd name a proxy: who uses them copies and changes them.
UNITS = proxytunnel.socket proxytunnel.service proxytunnel-inetd.socket \
       proxytunnel-inetd@.service

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR) \
	    $(DESTDIR)$(DOCDIR)/contrib
	install -m 755 proxytunnel $(DESTDIR)$(BINDIR)/
	install -m 644 man/proxytunnel.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 $C/proxytunnel.bash $(DESTDIR)$(BASHDIR)/proxytunnel
	install -m 644 $C/_proxytunnel $(DESTDIR)$(ZSHDIR)/
	install -m 644 $C/proxytunnel.fish $(DESTDIR)$(FISHDIR)/
	install -m 644 $(UNITS:%=contrib/%) $(DESTDIR)$(DOCDIR)/contrib/

uninstall:
	$(RM) $(DESTDIR)$(BINDIR)/proxytunnel \
	    $(DESTDIR)$(MANDIR)/man1/proxytunnel.1 \
	    $(DESTDIR)$(BASHDIR)/proxytunnel $(DESTDIR)$(ZSHDIR)/_proxytunnel \
	    $(DESTDIR)$(FISHDIR)/proxytunnel.fish \
	    $(UNITS:%=$(DESTDIR)$(DOCDIR)/contrib/%)

VERSION = $(shell sed -n 's/.*VERSION "\(.*\)"/\1/p' version.h)
dist:
	$Q git archive --prefix=proxytunnel-$(VERSION)/ \
	    -o proxytunnel-$(VERSION).tar.gz HEAD
	@echo proxytunnel-$(VERSION).tar.gz

clean:
	$(RM) -r build proxytunnel proxytunnel-*.tar.gz

help:
	@echo 'make [STATIC=1 [LIBSSL=FILE.a] [LIBCRYPTO=FILE.a]] [PORTABLE=1]'
	@echo '     [NO_SPLICE=1] [CC=...] [HOSTCC=...] [V=1]'
	@echo '                 the program, and completions for shells'
	@echo 'make demo        shows a tunnel at work, on loopback'
	@echo 'make check       all tests; tests/run PART... some of them'
	@echo 'make fuzz        the fuzzers, for an hour'
	@echo 'make bench       how fast it is, beside others; ROWS=, TOOLS=, ROUNDS='
	@echo 'make soak        a listener with TUNNELS=1000 for SECONDS=600; SEED='
	@echo 'make install     PREFIX=$(PREFIX), DESTDIR; make uninstall'
	@echo 'make dist        proxytunnel-$(VERSION).tar.gz'
	@echo 'make clean'

.DELETE_ON_ERROR:
.PHONY: all completions force fuzzers unit floors check demo bench soak fuzz install uninstall \
	dist clean help

-include $(wildcard $B/*.d $B/tests/*.d build/*.d build/bench/*.d build/fuzz/*.d \
       build/fuzz/objects/*.d)
