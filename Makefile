# SPDX-License-Identifier: GPL-2.0
# flow41: "make help" lists the targets. All build knowledge is in Kbuild.

KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
DESTDIR	?=
PREFIX	?= /usr
DEB	?= deb

VERSION	:= $(shell sed -n 's/.*FLOW41_VERSION\t"\(.*\)"/\1/p' kmod/version.h)
DKMSSRC	:= $(DESTDIR)/usr/src/flow41-$(VERSION)

all: module tool

module: ## build flow41.ko for KDIR (this machine's kernel)
	@test -d "$(KDIR)" || { echo "no kernel headers in $(KDIR):" \
		"install linux-headers-$(KVER), or give KDIR=..." >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool: ## build the flow41 command
	$(MAKE) -C userspace

install: module tool ## install both; DESTDIR and PREFIX as usual
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) modules_install
	[ -n "$(DESTDIR)" ] || depmod $(KVER)
	$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

uninstall: ## remove what install put there
	$(MAKE) -C userspace uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	find $(DESTDIR)/lib/modules/$(KVER) -name 'flow41.ko*' \
		! -path '*/updates/dkms/*' -delete
	[ -n "$(DESTDIR)" ] || depmod $(KVER)

dkms-source: ## put the module's source where DKMS looks for it
	$(RM) -r $(DKMSSRC)
	install -d $(DKMSSRC)
	cp -r Kbuild dkms.conf COPYING kmod $(DKMSSRC)
	find $(DKMSSRC) \( -name '*.o' -o -name '.*.cmd' -o -name '*.mod*' \) -delete

# By force: the source may be another one of the same version
dkms-install: dkms-source ## have DKMS build the module for each kernel
	dkms build --force flow41/$(VERSION) -k $(KVER)
	dkms install --force flow41/$(VERSION) -k $(KVER)

deb: ## build the Debian packages, into DEB (deb/)
	tests/package/deb.sh $(DEB)

demo: ## show it at work, in a virtual home router
	$(MAKE) -C tests demo

bench: ## what packets cost, with flow41 and without
	$(MAKE) -s -C tests bench

# On another kernel or architecture than those that this machine builds for: the scenarios
ELSEWHERE := $(filter-out 6.1,$(KERNEL))$(filter-out x86_64,$(ARCH))

check: $(if $(ELSEWHERE),check-scenarios,check-parts) ## run the tests; KERNEL=, ARCH=

check-scenarios:
	$(MAKE) -s -C tests check

# The guests that have to be compiled are, with what time the other parts leave
check-parts:
	tests/qemu/deps.sh
	tests/qemu/ahead.sh ARCH=mips KERNEL=debug
	tests/sum.sh "$(MAKE) -s -C tests/unit check" \
		"$(MAKE) -s -C tests/fuzz check" \
		tests/package/build.sh tests/package/debian.sh \
		tests/package/openwrt.sh \
		"$(MAKE) -s -C tests check ARCH=mips SCENARIOS='94 95 82 alignment'" \
		"$(MAKE) -s -C tests check" \
		"$(MAKE) -s -C tests check SCENARIOS=no-ipv6 APPEND=ipv6.disable=1" \
		"$(MAKE) -s -C tests check KERNEL=debug SCENARIOS='01 10 45 failslab'" \
		"$(MAKE) -s -C tests gate" \
		"$(MAKE) -s -C tests demo && echo ok 1 - demo"

check-all: ## run the scenarios on every kernel and architecture
	$(MAKE) -s -C tests check-all

lint: ## look at the sources: style, endianness, shell, generated files
	tests/lint.sh

shell: ## a prompt in the virtual home router
	$(MAKE) -C tests shell

netlink-gen: ## generate the UAPI header and the policy from the spec
	kmod/specs/generate.sh $$(tests/qemu/source.sh 6.12 trixie trixie-security)

clean: ## remove what was built here
	[ ! -d "$(KDIR)" ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C userspace clean
	$(MAKE) -C tests clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 16

.PHONY: all module tool install uninstall dkms-source dkms-install deb demo \
	bench check check-scenarios check-parts check-all lint shell netlink-gen clean help
