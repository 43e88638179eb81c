# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts of the test bed: where things are kept, what to build for.
# Sourced, never run.  Settings, all from the environment:
#
#   KERNEL    6.1              a fragment in kernels/
#   ARCH      x86_64           a fragment in arch/
#   CACHE     ~/.cache/flow41  downloads, kernels, builds, logs
# shellcheck shell=bash
# shellcheck disable=SC2034	# the variables are for whoever sources this

set -euo pipefail

QEMU_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$QEMU_DIR/../.." && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flow41}
KERNEL=${KERNEL:-6.1}
ARCH=${ARCH:-x86_64}

export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
umask 022

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

say()
{
	echo "${0##*/}: $*" >&2
}

# One at a time: two runs on one machine share the cache.
lock()
{
	mkdir -p "$CACHE"
	exec 9>"$CACHE/.lock-$1"
	flock 9
}

# A build belongs to one kernel and one checkout.
build_dir()
{
	echo "$CACHE/build/$1-$(printf %s "$TOP" | cksum | cut -d' ' -f1)"
}

words()	# KIND: of guest.list
{
	awk -v k="$1" '$1 == k { for (i = 2; i <= NF; i++) print $i }' \
		"$QEMU_DIR/guest.list"
}

# What most fragments need not say: the scenarios' output comes on the second
# serial line; and no packages of their own are wanted on this machine.
QEMU_RESULTS=(-serial stdio)
HOST_DEPS=()

[ -f "$QEMU_DIR/arch/$ARCH.sh" ] || die "no arch/$ARCH.sh for ARCH=$ARCH"
[ -f "$QEMU_DIR/kernels/$KERNEL.sh" ] ||
	die "no kernels/$KERNEL.sh for KERNEL=$KERNEL"
# shellcheck source=arch/x86_64.sh
. "$QEMU_DIR/arch/$ARCH.sh"
# shellcheck source=kernels/6.1.sh
. "$QEMU_DIR/kernels/$KERNEL.sh"
