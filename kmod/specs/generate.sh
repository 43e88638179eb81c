#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Generate the UAPI header and the attribute policy from flow41.yaml.
#
#   generate.sh KERNEL_SOURCE [check]
#
# KERNEL_SOURCE is a kernel source tree with tools/net/ynl (6.12 or later).
# With "check" nothing is written: the committed files are compared.
set -euo pipefail

source_tree=${1:?usage: generate.sh KERNEL_SOURCE [check]}
mode=${2:-write}
here=$(cd "$(dirname "$0")" && pwd)
kmod=$(dirname "$here")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The generator wants its schema one directory above specs/, a MAINTAINERS
# file above that, and the kernel's own licence line in the spec.
mkdir -p "$work/Documentation/netlink/specs"
touch "$work/MAINTAINERS"
cp "$source_tree"/Documentation/netlink/*.yaml "$work/Documentation/netlink/"
spec=$work/Documentation/netlink/specs/flow41.yaml
house='GPL-2.0 WITH Linux-syscall-note'
kernel="((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)"
sed "1s/$house/$kernel/" "$here/flow41.yaml" > "$spec"

# Debian's python has the modules that Debian's packages bring.
python=/usr/bin/python3
[ -x "$python" ] || python=python3

generate() { # $1 = mode, $2 = kind, $3 = file name, $4 = SPDX expression
	(cd "$work" && timeout 60 "$python" \
		"$source_tree/tools/net/ynl/ynl-gen-c.py" --spec "$spec" \
		--mode "$1" "--$2" -o "$work/$3")
	sed -i -e "1s|$kernel|$4|" \
		-e 's|Documentation/netlink/specs/|kmod/specs/|' "$work/$3"
}

generate uapi header flow41.h "$house"
generate kernel header netlink_gen.h "GPL-2.0"
generate kernel source netlink_gen.c "GPL-2.0"
# Out of the kernel tree the UAPI header is found through -I, not by uapi/.
sed -i 's|#include <uapi/linux/flow41.h>|#include <linux/flow41.h>|' \
	"$work/netlink_gen.c" "$work/netlink_gen.h"

# The flag that protects a multicast group differs by kernel: netlink.c has it.
sed -i '/^static const struct genl_multicast_group/,/^};/d' "$work/netlink_gen.c"
sed -i -e :a -e '/^\n*$/{$d;N;ba' -e '}' "$work/netlink_gen.c"

place() { # $1 = generated name, $2 = committed path
	if [ "$mode" = check ]; then
		diff -u "$2" "$work/$1" || {
			echo "$2 does not match kmod/specs/flow41.yaml: run 'make netlink-gen'" >&2
			exit 1
		}
	else
		cp "$work/$1" "$2"
	fi
}

place flow41.h "$kmod/include/uapi/linux/flow41.h"
place netlink_gen.h "$kmod/netlink_gen.h"
place netlink_gen.c "$kmod/netlink_gen.c"
