#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Look at the sources without running them. Prints TAP; exits 1 if anything is
# wrong. Everything it needs is fetched into the cache.
set -u
cd "$(dirname "$0")/.." || exit 1

count=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# lint WHAT COMMAND...: fine if it succeeds and prints nothing
lint()
{
	local what=$1

	shift
	count=$((count + 1))
	if "$@" >"$log" 2>&1 && [ ! -s "$log" ]; then
		echo "ok $count - lint: $what"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - lint: $what"
	sed 's/^/#   /' "$log"
}

# Generated files are the generator's business. reason.h is an X-macro list,
# which checkpatch takes for an expression; compat is the place for versions;
# userspace has C's own types.
style()
{
	local checkpatch="$1/scripts/checkpatch.pl --no-tree --strict --terse
		--no-summary --quiet --show-types"
	local kernel userspace

	kernel=$(git ls-files 'kmod/*.[ch]' | grep -v -e _gen -e uapi -e reason.h -e compat/)
	userspace=$(git ls-files 'userspace/*.[ch]' 'tests/**.[ch]')
	# shellcheck disable=SC2086
	{
		$checkpatch -f $kernel
		$checkpatch --ignore COMPLEX_MACRO,MACRO_ARG_REUSE -f kmod/reason.h
		$checkpatch --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON \
			-f kmod/compat/include/*/*.h
		$checkpatch --ignore CAMELCASE,PREFER_KERNEL_TYPES,MACRO_ARG_REUSE,PREFER_DEFINED_ATTRIBUTE_MACRO,CONSTANT_COMPARISON,AVOID_EXTERNS,EMBEDDED_FUNCTION_NAME \
			-f $userspace
	} || true
}

# All warnings of W=1 and of sparse, with byte orders checked
warnings()
{
	local dir

	dir=$(mktemp -d)
	cp -r Kbuild kmod "$dir"
	make -s -C "$1" M="$dir" W=1 C=2 CF=-D__CHECK_ENDIAN__ modules 2>&1 |
		grep -e warning: -e error: -e '^ERROR'
	[ -f "$dir/flow41.ko" ] || echo "flow41.ko was not built"
	rm -rf "$dir"
}

long_files()
{
	git ls-files | grep -v -e COPYING -e '\.md$' | xargs wc -l |
		awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }'
}

no_spdx()
{
	git ls-files | grep -v -e COPYING -e '\.md$' -e '\.json$' -e '\.gitkeep' \
		-e '^debian/changelog$' -e '^debian/source/format$' |
		xargs grep -L 'SPDX-License-Identifier' || true
}

version_everywhere()
{
	local version

	version=$(sed -n 's/.*FLOW41_VERSION\t"\(.*\)"/\1/p' kmod/version.h)
	grep -q "^PACKAGE_VERSION=\"$version\"" dkms.conf ||
		echo "dkms.conf does not say $version, as kmod/version.h does"
	head -1 debian/changelog | grep -qF "($version)" ||
		echo "debian/changelog does not begin with $version"
	grep -q "^PKG_VERSION:=$version$" openwrt/flow41/Makefile ||
		echo "openwrt/flow41/Makefile does not say $version"
	grep -q "^## $version" CHANGELOG.md ||
		echo "CHANGELOG.md has no section for $version"
}

kernel_versions()
{
	git grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION\(' -- kmod ':!kmod/compat' || true
}

tests/qemu/deps.sh >&2 || exit 1
source61=$(tests/qemu/source.sh) || exit 1
source612=$(tests/qemu/source.sh 6.12 trixie trixie-security) || exit 1
eval "$(tests/qemu/kernel.sh)"

lint "checkpatch --strict" style "$source61"
lint "no warning of gcc W=1 or sparse" warnings "${KDIR:?}"
lint "the UAPI header and the policy match the spec" \
	kmod/specs/generate.sh "$source612" check
lint "the man page has all reasons" userspace/reasons.sh check
lint "shell scripts" make -s -C tests lint
lint "no file over 500 lines" long_files
lint "a licence in every file" no_spdx
lint "one version" version_everywhere
lint "kernel versions only in kmod/compat" kernel_versions

echo "1..$count"
echo "$((count - failed)) passed, $failed failed"
[ $failed -eq 0 ]
