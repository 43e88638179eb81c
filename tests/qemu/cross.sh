#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Cross-build the guest's programs, static, from Debian's source packages, where
# Debian has no packages for the architecture; print where they are: ROOT is laid
# out as in the guest, DEV has a library to link tests against.
#
#   usage: cross.sh
#
# Not among them: libmnl and all that needs it (nft, conntrack), whose source the
# mirrors do not serve; libnl-3 is there for a client of the module.

. "$(dirname "$0")/common.sh"

[ -n "${CROSS_COMPILE:-}" ] || die "ARCH=$ARCH builds with the machine's own compiler"
packages="busybox iproute2 bash jq iptables ethtool libpcap tcpdump libnl3"
host=${CROSS_COMPILE%-}
top=$CACHE/cross/$ARCH
root=$top/root
dev=$top/dev

build_busybox()
{
	make ARCH="$ARCH" defconfig
	sed -i -e 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/' \
		-e 's/^CONFIG_MODPROBE_SMALL=y/# CONFIG_MODPROBE_SMALL is not set/' .config
	make ARCH="$ARCH" oldconfig </dev/null
	make ARCH="$ARCH" CROSS_COMPILE="$CROSS_COMPILE" -j"$(nproc)" busybox busybox.links
	install -D busybox "$root/usr/bin/busybox"
	sed 's,.*/,,' busybox.links | while read -r name; do
		ln -sf busybox "$root/usr/bin/$name"
	done
}

# configure runs what it tries: what it cannot know is said
build_iproute2()
{
	CC=${CROSS_COMPILE}gcc PKG_CONFIG=false ./configure
	printf '%s := y\n' HAVE_SETNS HAVE_HANDLE_AT >>config.mk
	printf 'CFLAGS += -D%s\n' HAVE_SETNS HAVE_HANDLE_AT >>config.mk
	make -j"$(nproc)" CC="${CROSS_COMPILE}gcc" AR="${CROSS_COMPILE}ar" HOSTCC=gcc \
		SHARED_LIBS=n LDFLAGS=-static SUBDIRS="lib ip tc bridge misc"
	install -Dt "$root/usr/sbin" ip/ip tc/tc bridge/bridge misc/ss
}

build_bash()
{
	./configure --host="$host" --enable-static-link --without-bash-malloc --disable-nls
	make -j"$(nproc)"
	install -D bash "$root/usr/bin/bash"
}

build_jq()
{
	autoreconf -fi
	./configure --host="$host" --disable-docs --disable-maintainer-mode \
		--without-oniguruma --enable-all-static
	make src/builtin.inc
	make -j"$(nproc)" LDFLAGS=-all-static jq
	install -D jq "$root/usr/bin/jq"
}

build_iptables()
{
	./configure --host="$host" --disable-nftables --disable-shared --enable-static
	make -j"$(nproc)" LDFLAGS=-all-static
	install -D iptables/xtables-legacy-multi "$root/usr/sbin/iptables"
	for name in iptables-restore ip6tables ip6tables-restore; do
		ln -sf iptables "$root/usr/sbin/$name"
	done
}

build_ethtool()
{
	./configure --host="$host" --disable-netlink
	make -j"$(nproc)" LDFLAGS=-static ethtool
	install -Dt "$root/usr/sbin" ethtool
}

build_libpcap()
{
	./configure --host="$host" --with-pcap=linux --without-libnl --disable-shared \
		--disable-usb --disable-dbus --disable-bluetooth --disable-rdma --prefix="$dev"
	make -j"$(nproc)" install
}

build_tcpdump()
{
	PCAP_CONFIG=$dev/bin/pcap-config LDFLAGS="-static -L$dev/lib" \
		./configure --host="$host" --without-crypto --without-cap-ng --disable-smb
	make -j"$(nproc)" tcpdump
	install -Dt "$root/usr/bin" tcpdump
}

build_libnl3()
{
	autoreconf -fi
	./configure --host="$host" --enable-static --disable-shared --disable-cli \
		--disable-debug --prefix="$dev"
	make -j"$(nproc)" install
}

fetch()	# NAME: leaves its source in the working directory
{
	local conf

	conf=$("$QEMU_DIR/aptroot.sh" source bookworm)
	APT_CONFIG=$conf apt-get -qq source "$1"
}

# A program is built again when its recipe has changed
build()	# NAME
{
	local name=$1 stamp rc

	stamp=$top/$name.$(declare -f "build_$name" | cksum | cut -d' ' -f1)
	[ ! -f "$stamp" ] || return 0
	say "cross-building $name for $ARCH"
	rm -rf "$top/src"
	mkdir -p "$top/src"
	set +e	# or nothing in these brackets would stop at a mistake
	(
		set -e
		cd "$top/src"
		fetch "$name"
		cd ./*/
		"build_$name"
	) >"$top/$name.log" 2>&1 9>&-
	rc=$?
	set -e
	[ $rc -eq 0 ] ||
		{ tail -30 "$top/$name.log" >&2; die "failed: $name (log: $top/$name.log)"; }
	rm -rf "$top/src"
	touch "$stamp"
}

lock "cross-$ARCH"
for name in $packages; do
	build "$name"
done
printf '%s=%q\n' ROOT "$root" DEV "$dev"
