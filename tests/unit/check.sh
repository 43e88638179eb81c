#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the tests; each must end in a plan that its results match.
#
#   check.sh BUILD TEST ...
set -u

cd "$(dirname "$0")" || exit 1
build=$1
shift
failed=0

# shellcheck disable=SC2016 # awk
judge='
	/^ok / { done++ }
	/^not ok / { done++; bad++ }
	/^1\.\./ { plan = substr($0, 4); planned = 1 }
	END { exit !(planned && plan == done && done && !bad) }'

run() { # $1 = name, rest = command
	local name=$1 status
	shift

	echo "# $name"
	"$@" | tee "$build/$name.tap" | grep -v '^ok '
	status=${PIPESTATUS[0]}
	if [ "$status" = 0 ] && awk "$judge" "$build/$name.tap"; then
		echo "ok $name"
	else
		echo "not ok $name (exit status $status)"
		failed=1
	fi
}

for test in "$@"; do
	run "$test" "$build/$test"
done
run cli ./cli.sh "$build"
run cli_watch ./cli_watch.sh "$build"
exit $failed
