#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run commands that print TAP, one after the other, and end with the sum:
#
#	sum.sh COMMAND [COMMAND...]
#
# A command that fails without saying what failed counts as one failure, and so
# does one that tested nothing. The last line is "N passed, N failed[, N skipped]".
set -u

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
skipped=0

# "ok" lines with a SKIP directive were not passed.
count()	# COMMAND STATUS
{
	local ok bad skip

	skip=$(grep -cE '^ok .*# SKIP|^1\.\.0 # SKIP' "$log")
	ok=$(($(grep -c '^ok ' "$log") - $(grep -cE '^ok .*# SKIP' "$log")))
	bad=$(grep -c '^not ok ' "$log")
	if [ "$bad" -eq 0 ] && { [ "$2" -ne 0 ] || [ $((ok + skip)) -eq 0 ]; }; then
		echo "not ok - $1: exit status $2, $ok passed"
		bad=1
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
}

for command; do
	echo "# $command"
	start=$SECONDS
	bash -c "$command" 2>&1 | tee "$log" | grep -vE '^[0-9]+ passed, [0-9]+ failed'
	count "$command" "${PIPESTATUS[0]}"
	echo "# $command: $((SECONDS - start)) s"
done

line="$passed passed, $failed failed"
[ $skipped -eq 0 ] || line+=", $skipped skipped"
echo "$line"
[ $failed -eq 0 ]
