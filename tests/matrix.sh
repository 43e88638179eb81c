#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same scenarios on every kernel and architecture; a table at the end.
#
#   usage: matrix.sh [CELL...]          all cells by default
#
# SCENARIOS="00 10" runs only those, in each cell.  A cell that fails stops none
# of the others; the exit status says whether any did.  Logs: CACHE/matrix.

. "$(dirname "$0")/qemu/common.sh"
set +e

# NAME and what is set for it: KERNEL, ARCH, and what qemu/run.sh knows.
# SCENARIOS= is for cells that are too slow for all of them.
cells()
{
	cat <<-'EOF'
		6.1    KERNEL=6.1 LIMIT=7200 TIMEOUT=14400 APPEND=DIFF_PACKETS=1000000
		5.10   KERNEL=5.10
		6.12   KERNEL=6.12
		7.2    KERNEL=7.2
		arm64  ARCH=arm64
		arm    ARCH=arm
		s390x  ARCH=s390x
		smp4   SMP=4 ACCEL=tcg,thread=multi APPEND=flow41_rps=f
		mips   ARCH=mips
		debug  KERNEL=debug
	EOF
}

# Kernels and architectures come as fragments: see qemu/common.sh
there()	# SETTING...
{
	local setting

	for setting; do
		case $setting in
		KERNEL=*) [ -f "$QEMU_DIR/kernels/${setting#*=}.sh" ] || return ;;
		ARCH=*) [ -f "$QEMU_DIR/arch/${setting#*=}.sh" ] || return ;;
		esac
	done
}

names()	# RESULT LOG: the scenarios that have such a line
{
	sed -nE "/^$1( [0-9]+)? - /s/^[^-]* - ([0-9]+-[^: ]+):.*/\\1/p" "$2" | sort -u | wc -l
}

run_cell()	# NAME SETTING...
{
	local name=$1 log=$logs/$1.log start=$SECONDS rc ran bad

	shift
	echo "# cell $name: $*"
	env -u KERNEL -u ARCH "$@" ${SCENARIOS:+"SCENARIOS=$SCENARIOS"} \
		make -s -C "$TOP/tests" check 2>&1 | tee "$log"
	rc=${PIPESTATUS[0]}
	ran=$(names '(not )?ok' "$log")
	bad=$(names 'not ok' "$log")
	[ "$rc" -eq 0 ] || failed=$((failed + 1))
	table+=$(printf '%-8s %-8s %4d of %-4d %8d s   %s' "$name" \
		"$([ "$rc" -eq 0 ] && echo passed || echo FAILED)" \
		$((ran - bad)) "$ran" $((SECONDS - start)) \
		"$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)")$'\n'
}

logs=$CACHE/matrix
mkdir -p "$logs"
table=
failed=0
all=()
[ $# -gt 0 ] || mapfile -t all < <(cells | awk '{ print $1 }')
for name in "$@" "${all[@]}"; do
	read -ra settings < <(cells | awk -v n="$name" '$1 == n { $1 = ""; print }')
	if [ ${#settings[@]} -eq 0 ]; then
		die "no cell $name"
	elif there "${settings[@]}"; then
		run_cell "$name" "${settings[@]}"
	fi
done

echo
printf '%-8s %-8s %-12s %10s   %s\n' cell result scenarios time tests
printf '%s' "$table"
[ -n "$table" ] && [ "$failed" -eq 0 ]
