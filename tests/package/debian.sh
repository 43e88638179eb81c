#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Debian packages, for real: built, installed in a throw-away Debian that has
# the stock kernel's headers, so that DKMS builds the module there; that module and
# that tool run in the guest; purged, nothing of them is left. Then what make installs,
# without packages. Prints TAP.
#
# The Debian without the packages is kept in the cache.
set -u
cd "$(dirname "$0")/../.." || exit 1

tests/qemu/deps.sh || exit 1

eval "$(tests/qemu/kernel.sh)"
: "${RELEASE:?}" "${MODDIR:?}"
cache=${MODDIR%/kernel/*}/package
version=$(sed -n 's/.*FLOW41_VERSION\t"\(.*\)"/\1/p' kmod/version.h)

. tests/package/tap.sh
[ "$(id -u)" = 0 ] || sudo=sudo
root=$work/root

build()
{
	make -s deb DEB="$work/deb" &&
		[ -f "$work/deb/flow41_${version}_$(dpkg --print-architecture).deb" ] &&
		[ -f "$work/deb/flow41-dkms_${version}_all.deb" ]
}

lintian_clean()
{
	lintian --fail-on error,warning "$work"/deb/*.changes
}

# A Debian that could have been installed from the kernel's suite
make_base()	# TAR
{
	mkdir -p "$cache"
	rm -f "$cache"/root-*
	$sudo mmdebstrap --variant=apt --format=tar \
		--include="dkms,linux-headers-$RELEASE,man-db,libmnl-dev,libc6-dev,pkg-config,bash-completion" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$(. /etc/os-release && echo "$VERSION_CODENAME")" "$1.tmp" &&
		$sudo mv "$1.tmp" "$1"
}

debian()
{
	local tar

	tar=$cache/root-$RELEASE-$(declare -f make_base | cksum | cut -d' ' -f1).tar
	[ -f "$tar" ] || make_base "$tar" || return 1
	mkdir "$root" && $sudo tar -xf "$tar" -C "$root" &&
		mkdir "$root/tmp/deb" && cp "$work"/deb/flow41{,-dkms}_*.deb "$root/tmp/deb" &&
		in_root depmod "$RELEASE" && files >"$work/before"
}

# No network, no devices, no other processes: nothing of this machine
in_root()	# COMMAND...
{
	$sudo env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive unshare --mount --pid --net --fork \
		--mount-proc="$root/proc" chroot "$root" "$@"
}

# All but what any package leaves: logs, caches, what dpkg and apt keep
files()
{
	$sudo find "$root" -xdev \( -path "$root/proc" -o -path "$root/tmp" \
		-o -path "$root/var/log" -o -path "$root/var/cache" \
		-o -path "$root/var/lib/dpkg" -o -path "$root/var/lib/apt" \) -prune -o -printf '/%P\n' | sort
}

# As the README says
install_both()
{
	local command

	command=$(sed -n '/^apt install/p' README.md)
	[ -n "$command" ] && in_root sh -c "cd /tmp && $command"
}

built_by_dkms()
{
	in_root dkms status
	in_root dkms status "flow41/$version" -k "$RELEASE" | grep -q installed &&
		[ "$(in_root modinfo -k "$RELEASE" -F version flow41)" = "$version" ] &&
		[ -f "$(module)" ]
}

module()
{
	echo "$root/lib/modules/$RELEASE/updates/dkms/flow41.ko"
}

tool_says()	# OPTION WORD
{
	in_root flow41 "$1" | tee /dev/stderr | grep -q -- "$2"
}

man_page()	# SECTION NAME
{
	in_root man "$1" "$2" | grep -q '^NAME'
}

completion()
{
	# shellcheck disable=SC2016	# for that shell
	in_root bash -c '. /usr/share/bash-completion/bash_completion &&
		{ _completion_loader flow41; complete -p flow41; } &&
		COMP_WORDS=(flow41 flu) COMP_CWORD=1 && _flow41 &&
		[ "${COMPREPLY[*]}" = flush ]'
}

# The guest's initramfs, but for module and tool
runs_in_guest()
{
	local out guest=$work/out/guest

	out=$(tests/qemu/build.sh) &&
		mkdir -p "$work/out" &&
		cp -r "$out/guest" "$guest" &&
		rm "$guest/usr/lib/modules/$RELEASE/extra/flow41.ko" \
			"$guest/usr/local/sbin/flow41" &&
		install -D "$(module)" "$guest/usr/lib/modules/$RELEASE/updates/dkms/flow41.ko" &&
		install -D "$root/usr/sbin/flow41" "$guest/usr/sbin/flow41" &&
		tests/qemu/initramfs.sh "$work/out" &&
		tests/qemu/run.sh "$work/out" 13-udp
}

purge()
{
	in_root dpkg --purge flow41 flow41-dkms && files >"$work/after" &&
		diff "$work/before" "$work/after"
}

# ---- from the source, as the README says

make_there()	# TARGET
{
	in_root make -s -C /tmp/source KVER="$RELEASE" "$1" >"$work/make" 2>&1 && return
	cat "$work/make"
	return 1
}

installed()
{
	mkdir "$root/tmp/source" && git ls-files -z | xargs -0 cp --parents -t "$root/tmp/source" &&
		make_there all && make_there install && in_root flow41 --version
}

found_by_modprobe()
{
	in_root modprobe -n -v -S "$RELEASE" flow41 | tee /dev/stderr | grep -q '/flow41\.ko'
}

uninstalled()
{
	make_there uninstall && ! found_by_modprobe && ! in_root sh -c 'command -v flow41'
}

kept_by_dkms()
{
	make_there uninstall && found_by_modprobe
}

dkms_has()	# WORD: what the module says of itself
{
	make_there dkms-install && [ "$(in_root modinfo -k "$RELEASE" -F is flow41)" = "$1" ]
}

# Another source, of the same version; some of it gone
dkms_again()
{
	echo 'MODULE_INFO(is, "new");' >>"$root/tmp/source/kmod/main.c"
	touch "$root/usr/src/flow41-$version/kmod/gone.c"
	dkms_has new && [ ! -e "$root/usr/src/flow41-$version/kmod/gone.c" ] &&
		[ -z "$(find "$root/usr/src/flow41-$version" -name '*.o')" ]
}

check "make deb builds both packages" build
check "lintian has nothing to say" lintian_clean
check "a Debian with headers of $RELEASE" debian
check "both are installed" install_both
check "DKMS built the module" built_by_dkms
check "flow41 --version" tool_says --version "$version"
check "flow41 --help" tool_says --help handshakes
check "man flow41" man_page 8 flow41
check "man flow41-reasons" man_page 7 flow41-reasons
check "bash completes flow41" completion
check "that module and that tool carry a tunnel's packets in the guest" runs_in_guest
check "purged, they leave nothing" purge
check "make, make install" installed
check "modprobe finds the module" found_by_modprobe
check "make uninstall" uninstalled
check "make dkms-install" dkms_has ""
check "again, of another source" dkms_again
check "make uninstall leaves that module to DKMS" kept_by_dkms
finish
