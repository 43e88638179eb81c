# SPDX-License-Identifier: GPL-2.0
# What the tests of the packages share: one line of TAP for each command. Sourced;
# has a folder $work for them, that is gone at the end.
# shellcheck shell=bash

work=$(mktemp -d)
sudo=
trap '$sudo rm -rf "$work"' EXIT
count=0
failed=0

check()	# WHAT COMMAND...
{
	local what=$1

	shift
	count=$((count + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $count - package: $what"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - package: $what"
	tail -30 "$work/log" | sed 's/^/#   /'
}

finish()
{
	echo "1..$count"
	echo "$((count - failed)) passed, $failed failed"
	[ $failed -eq 0 ]
}
