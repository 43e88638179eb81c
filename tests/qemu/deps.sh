#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install the programs that building and testing need on a Debian machine, for
# the ARCH and the KERNEL that are asked for. Quick when everything is there.

. "$(dirname "$0")/common.sh"

build="gcc gcc-12 make libc6-dev libmnl-dev libelf-dev libssl-dev pkg-config bc flex bison"
fetch="dpkg-dev xz-utils zstd cpio kmod rsync patch"
guest=$(words deb)
target="${HOST_DEPS[*]} ${TOOLCHAIN:+patchelf}"
check="shellcheck sparse libnl-3-dev libnl-genl-3-dev dkms
	python3 python3-yaml python3-jsonschema man-db groff perl git"
package="build-essential debhelper dh-dkms lintian mmdebstrap"

missing()
{
	local pkg

	for pkg in $build $fetch $guest $target $check $package; do
		dpkg-query -W -f '${db:Status-Status}\n' "$pkg" 2>/dev/null |
			grep -qx installed || echo "$pkg"
	done
}

command -v dpkg-query >/dev/null || {
	echo "deps.sh: not a Debian machine; install what provides: $build $fetch $guest $target $check $package" >&2
	exit 1
}

# Cells of the matrix may want to install at once; apt waits for the lists' lock never
lock deps
mapfile -t want < <(missing)
[ ${#want[@]} -eq 0 ] && exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "deps.sh: installing ${want[*]}" >&2
$sudo apt-get -qq update 9>&-
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
	-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 install "${want[@]}" >/dev/null 9>&-
