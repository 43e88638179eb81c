#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The man page of the reasons, from ../kmod/reason.h.
#
#   reasons.sh print | write | check
set -eu

cd "$(dirname "$0")"
page=flow41-reasons.7

# One list of the header, as man(7); each reason is a NAME SENTENCE pair.
list() { # $1 = list, $2 = heading, $3 = what it is, $4 = more for the preprocessor
	reasons=$(printf '#include "reason.h"\n%s\n#define X(id, name, text) @name|text\n%s(X)\n' \
		"${4:-}" "$1" |
		${CC:-cc} -E -P -x c -I../kmod -) || exit 1
	printf '.SH %s\n%s\n' "$2" "$3"
	printf '%s\n' "$reasons" | tr '@' '\n' |
		sed -n 's/^"\([^"]*\)"|"\(.*\)" *$/.TP\n.B \1\n\2/p'
}

section() {
	list FLOW41_PUNTS PUNTS 'Why a packet was left to the software path.'
	list FLOW41_REFUSALS REFUSALS \
		'Why the connection of a packet on the software path was not cached.'
	list FLOW41_EVICTIONS EVICTIONS 'Why a flow ended.'
	list FLOW41_VERDICTS VERDICTS \
		'Why a segment of a TCP handshake came in again.'
	list FLOW41_HANDSHAKES HANDSHAKES \
		'What is counted of TCP handshakes, beside each verdict.' \
		'#undef FLOW41_VERDICTS
#define FLOW41_VERDICTS(X)'
	list FLOW41_AUDITS AUDITS \
		'What is counted of packets that were compared with the cache.'
	list FLOW41_DIFFERS DIFFERENCES \
		'In what a packet left otherwise than the cache would have sent it.'
}

with_section() {
	sed '/^\.\\" begin reasons/q' "$page"
	section
	sed -n '/^\.\\" end reasons/,$p' "$page"
}

case ${1:-} in
print)
	section
	;;
write)
	new=$(with_section)
	printf '%s\n' "$new" >"$page"
	;;
check)
	with_section | diff -u "$page" - || {
		echo "userspace/$page does not match kmod/reason.h: run 'make -C userspace man'" >&2
		exit 1
	}
	;;
*)
	echo "usage: reasons.sh print | write | check" >&2
	exit 2
	;;
esac
