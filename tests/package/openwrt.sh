#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The OpenWrt feed, as far as a machine without OpenWrt's SDK can tell: make reads and runs
# the recipe, with stand-ins for OpenWrt's own makefiles (openwrt/*.mk here), and builds with
# the stock kernel and this machine's compiler; what it installs is looked at. The init
# script and the configuration are at work in the guest: net/71-openwrt.sh. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1

tests/qemu/deps.sh || exit 1

eval "$(tests/qemu/kernel.sh)"
: "${KDIR:?}"
version=$(sed -n 's/.*FLOW41_VERSION\t"\(.*\)"/\1/p' kmod/version.h)

. tests/package/tap.sh
top=$work/openwrt
dest=$work/dest

# The feed is one that a tree of OpenWrt has linked to, with leftovers of a build in it
feed()
{
	mkdir -p "$work/source" "$top/include" "$top/package/feeds" "$dest" &&
		git ls-files -z | xargs -0 cp --parents -t "$work/source" &&
		echo stale >"$work/source/userspace/flow41.o" &&
		echo stale >"$work/source/kmod/main.o" &&
		ln -s "$work/source/openwrt" "$top/package/feeds/flow41" &&
		cp tests/package/openwrt/rules.mk "$top" &&
		cp tests/package/openwrt/{kernel,package}.mk "$top/include"
}

recipe()
{
	make -C "$top/package/feeds/flow41/flow41" TOPDIR="$top" LINUX_DIR="$KDIR" \
		BUILD_DIR="$work/build" DEST="$dest" 2>&1
}

# Nothing else, and with these rights
installed()
{
	(cd "$dest" && find . -type f -printf '%m %P\n' | sort -k2) >"$work/got"
	diff - "$work/got" <<-EOF
		644 flow41.control
		600 flow41/etc/config/flow41
		755 flow41/etc/init.d/flow41
		755 flow41/usr/sbin/flow41
		644 kmod-flow41.control
		644 kmod-flow41/etc/modules.d/flow41
		644 kmod-flow41/lib/modules/flow41.ko
	EOF
}

control()	# PACKAGE FIELD WANTED
{
	cat "$dest/$1.control"
	grep -qxF -- "$2: $3" "$dest/$1.control"
}

module()
{
	[ "$(modinfo -F version "$dest/kmod-flow41/lib/modules/flow41.ko")" = "$version" ] &&
		[ "$(cat "$dest/kmod-flow41/etc/modules.d/flow41")" = flow41 ]
}

# Compiled and linked with what OpenWrt says: this linker flag is seen in the program
tool()
{
	[ "$("$dest/flow41/usr/sbin/flow41" --version)" = "flow41 $version" ] &&
		readelf -d "$dest/flow41/usr/sbin/flow41" | grep -q NOW
}

# At boot, behind the network and the firewall, which have 20 and 19
enabled_at_boot()
{
	mkdir -p "$work/rc.d" && RC_D=$work/rc.d busybox sh tests/net/openwrt/rc.common \
		"$dest/flow41/etc/init.d/flow41" enable && [ -L "$work/rc.d/S21flow41" ]
}

# Each setting of the tool, under the name that it has there but for dashes
options_are_settings()
{
	local known said

	said=$("$dest/flow41/usr/sbin/flow41" set '?' x 2>&1)
	known=$(tr -d , <<<"${said##*: }" | tr -- '- ' '_\n' | sort)
	sed -nE 's/^#?\t(option|list) ([a-z_]+) .*/\2/p' "$dest/flow41/etc/config/flow41" |
		grep -v '^enabled$' | sort -u | diff - <(echo "$known")
}

check "OpenWrt: the feed" feed
check "OpenWrt: make runs the recipe" recipe
check "OpenWrt: what is installed" installed
check "OpenWrt: kmod-flow41 is of this version, and probed at boot" module
check "OpenWrt: flow41 runs, and was built with OpenWrt's flags" tool
check "OpenWrt: flow41 needs" control flow41 Depends "+libmnl +kmod-flow41"
check "OpenWrt: flow41 keeps its configuration" control flow41 Conffiles /etc/config/flow41
check "OpenWrt: kmod-flow41 needs" \
	control kmod-flow41 Depends "@IPV6 +kmod-sit +kmod-nf-conntrack"
check "OpenWrt: the version" control flow41 Version "$version-1"
check "OpenWrt: the init script is enabled at boot" enabled_at_boot
check "OpenWrt: each setting has an option" options_are_settings
finish
