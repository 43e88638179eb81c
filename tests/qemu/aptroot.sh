#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make a private apt root for another suite or architecture; print its apt.conf.
# The machine's own apt is not touched; its mirrors, keys and proxies are used.
#
#   usage: aptroot.sh DEB_ARCH SUITE [SUITE ...]     DEB_ARCH "source": source packages
#   then:  APT_CONFIG=$(aptroot.sh ...) apt-get download PACKAGE
#
# DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR override what this machine uses.

. "$(dirname "$0")/common.sh"

[ $# -ge 2 ] || die "usage: aptroot.sh DEB_ARCH SUITE..."
arch=$1
shift
root=$CACHE/apt/$1-$arch
conf=$root/apt.conf

mirror_of()	# LABEL: the address this machine gets Debian, or its security fixes, from
{
	apt-get indextargets --format "\$(LABEL)|\$(REPO_URI)" \
		'Created-By: Packages' | awk -F'|' -v l="$1" '$1 == l { print $2; exit }'
}

sources()
{
	local key=/usr/share/keyrings/debian-archive-keyring.gpg opt="" uri suite type=deb

	[ "$arch" != source ] || type=deb-src
	[ -f $key ] && opt="[signed-by=$key]"
	for suite; do
		case $suite in
		*-security) uri=${DEBIAN_SECURITY_MIRROR:-$(mirror_of Debian-Security)} ;;
		*) uri=${DEBIAN_MIRROR:-$(mirror_of Debian)} ;;
		esac
		[ -n "$uri" ] || die "no mirror known for $suite: set DEBIAN_MIRROR"
		echo "$type $opt $uri $suite main"
	done
}

lock "apt-$1-$arch"
if [ ! -f "$root/ready" ] || [ -n "${APT_REFRESH:-}" ]; then
	say "fetching the package lists of $* for $arch"
	mkdir -p "$root"/{lists/partial,cache/archives/partial}
	: >"$root/status"
	sources "$@" >"$root/sources.list"
	[ "$arch" != source ] || arch=$(dpkg --print-architecture)
	cat >"$conf" <<-EOF
		Dir::State::lists "$root/lists";
		Dir::State::status "$root/status";
		Dir::Cache "$root/cache";
		Dir::Etc::sourcelist "$root/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
		APT::Update::Post-Invoke { };
		Acquire::Languages "none";
		Acquire::Retries "3";
	EOF
	# A mirror in the middle of its update may lack one suite's list for a while:
	# the other suite may do, and next time it is tried again.
	if APT_CONFIG=$conf apt-get -qq update >&2; then
		touch "$root/ready"
	else
		say "some package lists are missing: going on without them"
	fi
fi
echo "$conf"
