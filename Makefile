# make              the program
# make check        all tests; make help lists the rest
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wpointer-arith -Wwrite-strings -Wformat=2 \
       -Wstrict-prototypes -Wmissing-prototypes -Wconversion
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE $(WARN) \
       $(HARDEN) $(PIE) -pthread -MMD -MP $(OPTIONS) $(CFLAGS)
ALL_LDFLAGS = $(LINK) -pthread -Wl,-z,relro,-z,now $(LDFLAGS)
PIE = -fPIE
LINK = -pie

# make STATIC=1     one file without shared libraries (CC=musl-gcc: a small one)
ifdef STATIC
PIE =
LINK = -static
endif
# make PORTABLE=1   without what only Linux has
ifdef PORTABLE
OPTIONS += -DPORTABLE
endif

# Where objects go; the other builds of one tree have a folder each.
B ?= build/main

# The floors of the design, lowest first.  PURE reaches no system call.
PURE = buf text addr noproxy fail http1 words auth http wgetrc
REST = log loop stream net relay route tunnel stdio secret options
OBJS = $(PURE:%=$B/%.o) $(REST:%=$B/%.o)
SOURCES = $(wildcard *.c)
TESTS = $(patsubst tests/unit/%.c,$B/tests/%,$(wildcard tests/unit/*_test.c))
FUZZERS = $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))

V = @
say = @echo '  $1'

all: proxytunnel

proxytunnel: $B/proxytunnel
	$V cp $B/proxytunnel $@

$B/proxytunnel: $B/proxytunnel.o $(OBJS)
	$(call say,LINK $@)
	$V $(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$B/%.o: %.c Makefile
	$(call say,CC $<)
	$V mkdir -p $B
	$V $(CC) $(ALL_CFLAGS) $(CPPFLAGS) -c -o $@ $<

-include $(wildcard $B/*.d)
