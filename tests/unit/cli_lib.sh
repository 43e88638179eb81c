# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Runs the tool and compares what it says; to be sourced with the build directory
# as the argument.

build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tool=$build/flow41
# shellcheck disable=SC2034 # for those who source this
version=$(sed -n 's/^#define FLOW41_VERSION[[:space:]]*"\(.*\)"/\1/p' \
	../../kmod/version.h)
count=0
bad=0

result() { # $1 = status of the test, $2 = name
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		bad=1
	fi
}

run() { # the tool's arguments; sets status, out, err
	"$tool" "$@" >"$work/out" 2>"$work/err"
	status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}

is() { # $1 = name, $2 = got, $3 = wanted
	[ "$2" = "$3" ]
	result $? "$1"
	[ "$2" = "$3" ] || printf '%s\n' "got:  $2" "want: $3" | sed 's/^/# /'
}

# $1 = exit status, $2 = standard output, $3 = standard error, rest = arguments
gives() {
	local status out err want=$1 want_out=$2 want_err=$3
	shift 3

	run "$@"
	is "flow41 $*: exit status" "$status" "$want"
	is "flow41 $*: output" "$out" "$want_out"
	is "flow41 $*: error" "$err" "$want_err"
}

usage() { # $1 = standard error, rest = arguments
	local err=$1
	shift

	gives 2 "" "flow41: $err" "$@"
}

has() { # $1 = name, $2 = text, $3 = part of it
	case $2 in
	*"$3"*) result 0 "$1" ;;
	*) result 1 "$1"; printf '%s\n' "# got: $2" ;;
	esac
}

plan() {
	echo "1..$count"
	exit $bad
}
