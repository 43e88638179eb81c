#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot the guest, run scenarios in it, judge.
#
#   usage: run.sh OUTDIR [SCENARIO...]     all of tests/net by default
#          run.sh -i OUTDIR                a prompt in the guest, topology up
#
# Success is what the guest says at its very end, nothing else: no token, no
# success.  What the scenarios print goes to stdout; the last line is
#     N passed, N failed[, N skipped]
# Settings: ACCEL=tcg MEM=512 SMP=2 LIMIT=600 (seconds for a scenario)
#     TIMEOUT=3300 (for the guest) QEMU_ARGS= APPEND= (for the kernel)
#     LOGDIR=OUTDIR/log

. "$(dirname "$0")/common.sh"

shell=
[ "${1:-}" != -i ] || { shell=1; shift; }
[ $# -ge 1 ] || die "usage: run.sh [-i] OUTDIR [SCENARIO...]"
out=$1
shift
eval "$("$QEMU_DIR/kernel.sh")"
[ -f "$out/initramfs.cpio" ] || die "no $out/initramfs.cpio"

# A cell may have scenarios of its own
# shellcheck disable=SC2086	# one word each
[ $# -gt 0 ] || set -- ${CELL_SCENARIOS:-}

scenarios=()
for s in "$@"; do
	s=${s##*/}
	s=${s%.sh}
	found=("$TOP"/tests/{net,bench,demo}/"$s".sh "$TOP"/tests/net/"$s"[-_]*.sh)
	for f in "${found[@]}"; do
		[ ! -f "$f" ] || { scenarios+=("$(basename "$f" .sh)"); continue 2; }
	done
	die "no scenario $s"
done
if [ $# = 0 ]; then
	for f in "$TOP"/tests/net/[0-9]*.sh; do
		scenarios+=("$(basename "$f" .sh)")
	done
fi

log=${LOGDIR:-$out/log}
rm -rf "$log"
mkdir -p "$log"
# Where a long command line is cut off, only its beginning is on it; all of it is in
# a file that init reads.  Sets initrd, and append to what goes on the command line
append_file()	# WORDS
{
	[ -n "${CMDLINE_MAX:-}" ] || { append=$1; return; }
	mkdir "$log/root"
	echo "$1" >"$log/root/cmdline"
	initrd=$log/initramfs.cpio
	(cd "$log/root" && echo cmdline | cpio -o -H newc -R 0:0 --quiet) |
		cat "$out/initramfs.cpio" - >"$initrd"
	append=${1:0:$CMDLINE_MAX}
}

token=$(od -An -tx8 -N8 /dev/urandom | tr -d ' ')
initrd=$out/initramfs.cpio
list=$(IFS=,; echo "${scenarios[*]}")

append="console=$CONSOLE loglevel=5 panic=-1 oops=panic flow41_console=$CONSOLE"
append+=" flow41_results=$RESULTS flow41_token=$token flow41_limit=${LIMIT:-600}"
append+=" flow41_slow=${SLOW:-1} ${KERNEL_ARGS:-}"
# Programs where they were the last time: QEMU knows their code already. Starting one
# takes a third of the time, and that is most of what the scenarios do
append+=" norandmaps"
qemu=("$QEMU" "${QEMU_MACHINE[@]}" -accel "${ACCEL:-tcg}" -m "${MEM:-512}"
	-smp "${SMP:-2}" -display none -monitor none -no-reboot -net none
	-kernel "$IMAGE")
read -ra extra <<<"${QEMU_ARGS:-}"
qemu+=("${extra[@]}")

if [ -n "$shell" ]; then
	read -r rows cols < <(stty size 2>/dev/null || echo 24 80)
	append+=" flow41_shell=1 flow41_rows=$rows flow41_cols=$cols"
	say "leave with 'exit'; Ctrl-a x kills the guest"
	append_file "$append ${APPEND:-}"
	exec "${qemu[@]}" -serial mon:stdio -append "$append" -initrd "$initrd"
fi

append+=" flow41_scenarios=$list"
append_file "$append ${APPEND:-}"
# Where the first serial line is not the one for the console
console=(-serial "file:$log/console")
[ -z "${CONSOLE_DEVICE:-}" ] ||
	console=(-chardev "file,id=console,path=$log/console" -device "$CONSOLE_DEVICE,chardev=console")
timeout -k 5 "${TIMEOUT:-3300}" "${qemu[@]}" "${console[@]}" "${QEMU_RESULTS[@]}" \
	-append "$append" -initrd "$initrd" </dev/null 2>"$log/qemu" |
	sed -u 's,\r,,g' | tee "$log/tap" |
	sed -u -e '/^# flow41 token/d' -e 's/^# flow41 begin /# /' -e '/^# flow41 end/d' || :

LC_ALL=C "$QEMU_DIR/judge.awk" -v token="$token" -v want="$list" -v console="$log/console" \
	"$log/tap" && exit 0
echo "logs: $log" >&2
exit 1
