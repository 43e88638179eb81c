#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same scenarios on every kernel and architecture; a table at the end.
#
#   usage: matrix.sh [CELL...]          all cells by default
#
# SCENARIOS="00 10" runs only those, in each cell.  JOBS=4: so many cells at once, each
# wants two CPUs, and has four hours, a scenario half an hour.  A cell that fails stops
# none of the others; the exit status says whether any did.  All of them take hours:
# RESUME=1 goes on where an earlier run was stopped, and keeps the rows of cells that have
# passed since the last file was changed here.  Logs: CACHE/matrix.

. "$(dirname "$0")/qemu/common.sh"
set +e

# NAME and what is set for it: KERNEL, ARCH, and what qemu/run.sh knows.
# SCENARIOS= is for cells that are too slow for all of them.
cells()
{
	cat <<-'EOF'
		6.1    KERNEL=6.1 LIMIT=7200 APPEND=DIFF_PACKETS=1000000
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

# Where several speak at once, each says who it is
speak()	# NAME
{
	if [ "${JOBS:-1}" -gt 1 ]; then
		sed -u "s/^/$1: /"
	else
		cat
	fi
}

row()	# NAME: the file that it is in; a cell's scenarios may be just some
{
	echo "$logs/$1${SCENARIOS:+.some}.row"
}

# Since the cell began, which is how old its row is
unchanged()	# ROW
{
	[ -z "$(find "$TOP" -name .git -prune -o -type f -newer "$1" -print -quit)" ]
}

kept()	# NAME
{
	[ -n "${RESUME:-}" ] && grep -qs '^[^ ]* *passed ' "$(row "$1")" && unchanged "$(row "$1")"
}

run_cell()	# NAME SETTING...
{
	local name=$1 log=$logs/$1.log row start=$SECONDS result=passed ran bad

	row=$(row "$name")

	shift
	echo "# cell $name: $*" | speak "$name"
	env -u KERNEL -u ARCH LIMIT="${LIMIT:-1800}" TIMEOUT="${TIMEOUT:-14400}" "$@" \
		${SCENARIOS:+"SCENARIOS=$SCENARIOS"} \
		make -s -C "$TOP/tests" check 2>&1 | tee "$log" | speak "$name"
	[ "${PIPESTATUS[0]}" -eq 0 ] || result=FAILED
	ran=$(names '(not )?ok' "$log")
	bad=$(names 'not ok' "$log")
	printf '%-8s %-8s %4d of %-4d %8d s   %s\n' "$name" $result $((ran - bad)) "$ran" \
		$((SECONDS - start)) \
		"$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)" >"$row.new"
	touch -r "$row" "$row.new"
	mv "$row.new" "$row"
}

logs=$CACHE/matrix
mkdir -p "$logs"
rows=()
all=()
[ $# -gt 0 ] || mapfile -t all < <(cells | awk '{ print $1 }')
for name; do
	cells | grep -q "^$name " || die "no cell $name"
done
for name in "$@" "${all[@]}"; do
	read -ra settings < <(cells | awk -v n="$name" '$1 == n { $1 = ""; print }')
	there "${settings[@]}" || continue
	rows+=("$(row "$name")")
	! kept "$name" || continue
	printf '%-8s FAILED   it did not end\n' "$name" >"$(row "$name")"
	while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-1}" ]; do
		wait -n
	done
	run_cell "$name" "${settings[@]}" &
done
wait

echo
printf '%-8s %-8s %-12s %10s   %s\n' cell result scenarios time tests
[ ${#rows[@]} -gt 0 ] && cat "${rows[@]}" && ! grep -q ' FAILED ' "${rows[@]}"
