# SPDX-License-Identifier: GPL-2.0
# Download Debian packages and unpack them: nothing is installed.  Sourced.
# shellcheck shell=bash

# Packages that PACKAGE depends on, those whose name matches REGEX
deps_of()	# CONF PACKAGE REGEX
{
	APT_CONFIG=$1 apt-cache depends --no-recommends --no-suggests "$2" |
		awk -v re="$3" '$1 == "Depends:" && $2 ~ re { print $2 }'
}

# PACKAGEs and all they depend on, on a system that has nothing yet
closure()	# CONF PACKAGE...
{
	local conf=$1

	shift
	APT_CONFIG=$conf apt-get -s --no-install-recommends install "$@" |
		awk '$1 == "Inst" { print $2 }'
}

# Laid out as today's Debian is: /bin and the like are links into /usr.
unpack()	# CONF DIR PACKAGE...
{
	local conf=$1 dir=$2 tmp deb link

	shift 2
	tmp=$(mktemp -d "$CACHE/debs.XXXXXX")
	say "downloading $*"
	if ! (cd "$tmp" && APT_CONFIG=$conf apt-get -qq download "$@" >&2); then
		rm -r "$tmp"
		return 1
	fi
	mkdir -p "$dir"/usr/{bin,sbin,lib,lib64}
	for link in bin sbin lib lib64; do
		[ -e "$dir/$link" ] || ln -s "usr/$link" "$dir/$link"
	done
	for deb in "$tmp"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x --keep-directory-symlink -C "$dir"
	done
	rm -r "$tmp"
}
