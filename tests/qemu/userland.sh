#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unpack the guest's programs, and what building for it needs, where the guest is
# of another architecture; print where they are.

. "$(dirname "$0")/common.sh"
. "$QEMU_DIR/debs.sh"

[ -n "${USERLAND:-}" ] || die "ARCH=$ARCH has the programs of this machine"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
dir=$CACHE/userland/$suite-$DEB_ARCH

lock "userland-$suite-$DEB_ARCH"
if [ ! -f "$dir/ready" ]; then
	conf=$("$QEMU_DIR/aptroot.sh" "$DEB_ARCH" "$suite" "$suite-security")
	mapfile -t wanted < <(words deb)
	mapfile -t packages < <(closure "$conf" "${wanted[@]}" \
		libmnl-dev libnl-3-dev libnl-genl-3-dev)
	rm -rf "$dir"
	unpack "$conf" "$dir" "${packages[@]}" || die "cannot fetch programs for $DEB_ARCH"
	# update-alternatives did not run
	ln -s traceroute.db "$dir/usr/bin/traceroute"
	touch "$dir/ready"
fi
echo "$dir"
