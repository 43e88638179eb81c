# SPDX-License-Identifier: GPL-2.0
# Download Debian packages and unpack them: nothing is installed.  Sourced.
# shellcheck shell=bash

# Packages that PACKAGE depends on, those whose name matches REGEX
deps_of()	# CONF PACKAGE REGEX
{
	APT_CONFIG=$1 apt-cache depends --no-recommends --no-suggests "$2" |
		awk -v re="$3" '$1 == "Depends:" && $2 ~ re { print $2 }'
}

unpack()	# CONF DIR PACKAGE...
{
	local conf=$1 dir=$2 tmp deb

	shift 2
	tmp=$(mktemp -d "$CACHE/debs.XXXXXX")
	say "downloading $*"
	if ! (cd "$tmp" && APT_CONFIG=$conf apt-get -qq download "$@" >&2); then
		rm -r "$tmp"
		return 1
	fi
	mkdir -p "$dir"
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -r "$tmp"
}
