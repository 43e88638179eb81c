#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packager does, for real, against the stock headers and in folders of its
# own: Kbuild alone, a kernel that lacks options, make install, DKMS. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1

tests/qemu/deps.sh || exit 1

eval "$(tests/qemu/kernel.sh)"
: "${KDIR:?}" "${RELEASE:?}"

. tests/package/tap.sh

sources()	# DIR: the files git knows, as a packager gets them
{
	mkdir -p "$1" && git ls-files -z | xargs -0 cp --parents -t "$1"
}

kbuild()
{
	make -C "$KDIR" M="$work/kbuild" modules && [ -f "$work/kbuild/flow41.ko" ]
}

# modinfo FIELD WANTED
field()
{
	local got

	got=$(modinfo -F "$1" "$work/kbuild/flow41.ko")
	echo "$1: $got"
	grep -qx -- "$2" <<<"$got"
}

# The missing option is named, and nothing is compiled
names_missing()	# OPTION
{
	make -C "$KDIR" M="$work/missing" "$1=" modules >"$work/out" 2>&1 && return 1
	cat "$work/out"
	grep -q "flow41: this kernel is built without $1:" "$work/out" &&
		! grep -q '  CC ' "$work/out"
}

# What flow41 can do without, the compiler is told after the kernel's configuration
builds_without()	# OPTION
{
	echo "#undef $1" >"$work/without.h"
	rm -f "$work/missing/flow41.ko"
	make -C "$KDIR" M="$work/missing" "$1=" KCFLAGS="-include $work/without.h" modules \
		>"$work/out.$1" 2>&1 && [ -f "$work/missing/flow41.ko" ] && return
	cat "$work/out.$1"
	return 1
}

# Only what the user will miss is worth a word
said_of()	# OPTION
{
	grep "^flow41: this kernel is built without $1: there will be" "$work/out.$1"
}

nothing_said_of()	# OPTION
{
	! grep "^flow41: this kernel" "$work/out.$1"
}

install_uninstall()
{
	local root=$work/root

	make -C "$work/kbuild" KDIR="$KDIR" KVER="$RELEASE" DESTDIR="$root" install &&
		[ -x "$root/usr/sbin/flow41" ] &&
		[ -n "$(find "$root/lib/modules" -name 'flow41.ko*')" ] &&
		[ -n "$(find "$root" -name 'flow41.8*')" ] &&
		make -C "$work/kbuild" KDIR="$KDIR" KVER="$RELEASE" \
			DESTDIR="$root" uninstall || return 1
	find "$root" -name '*flow41*'
	[ -z "$(find "$root" -name '*flow41*')" ]
}

dkms_in()	# COMMAND...: with trees of its own
{
	dkms "$@" --dkmstree "$work/dkms" --sourcetree "$work/dkmsroot/usr/src" \
		--installtree "$work/modules" --no-depmod \
		-k "$RELEASE" --kernelsourcedir "$KDIR"
}

dkms_build()
{
	make DESTDIR="$work/dkmsroot" dkms-source || return 1
	mkdir -p "$work/dkms" "$work/modules/$RELEASE"
	dkms_in add "flow41/$version" && dkms_in build "flow41/$version" &&
		return
	cat "$work"/dkms/flow41/*/build/make.log
	return 1
}

dkms_install()
{
	dkms_in install "flow41/$version" &&
		[ -n "$(find "$work/modules" -name 'flow41.ko*')" ] &&
		dkms_in status | grep -q installed
}

version=$(sed -n 's/.*FLOW41_VERSION\t"\(.*\)"/\1/p' kmod/version.h)
sources "$work/kbuild"
sources "$work/missing"

check "Kbuild alone builds the module" kbuild
check "modinfo: license" field license GPL
check "modinfo: description" field description "flow cache for 6in4, 6rd and 6to4 tunnels"
check "modinfo: author" field author "the flow41 project"
check "modinfo: version" field version "$version"
check "modinfo: alias" field alias net-pf-16-proto-16-family-flow41
check "modinfo: parameter" field parm "enabled:.*default off.*"
for option in CONFIG_NETFILTER_INGRESS CONFIG_NF_CONNTRACK CONFIG_IPV6_SIT; do
	check "a kernel without $option is told so" names_missing $option
done
for option in CONFIG_IPV6_SIT_6RD CONFIG_NETFILTER_EGRESS CONFIG_NET_CLS_ACT; do
	check "a kernel without $option will do" builds_without $option
done
check "without CONFIG_IPV6_SIT_6RD, 6rd is said to be missing" said_of CONFIG_IPV6_SIT_6RD
check "without CONFIG_NET_CLS_ACT, nothing is" nothing_said_of CONFIG_NET_CLS_ACT
check "make install, make uninstall" install_uninstall
check "dkms build" dkms_build
check "dkms install" dkms_install
finish
