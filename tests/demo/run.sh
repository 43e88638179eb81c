#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration: a story in one guest, what a packet costs in another, and the
# result. Fails if any part does, or if flow41 is not MIN_FACTOR times cheaper.

set -euo pipefail

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$("$TESTS/qemu/build.sh" -n)
MIN_FACTOR=4

die()
{
	printf '\ndemo: %s\n' "$*" >&2
	exit 1
}

# What the guest tells is shown at once, the rest only if something fails
story()
{
	"$TESTS/qemu/run.sh" "$out" incident story | tee "$out/story.log" | sed -un 's/^# | \{0,1\}//p'
}

failures()
{
	grep -v '^# | ' "$out/story.log" >&2
	die "the story went wrong: see above"
}

# of the two guests' JSON: one object per role
results()
{
	sed -n 's/^# json //p' "$out/story.log" | jq -c --slurpfile bench "$out/bench.json" \
		'$bench[0] as $b | . as $story | $b.roles | to_entries[] | {
			role: .key, packets: $b.packets, sha256: $story[.key].sha256,
			file_fast: $story[.key].fast, fast: .value.flow41.fast,
			intact: .value.flow41.intact, flow41: .value.flow41.instructions,
			software: .value.software.instructions}
		| .factor = .software / .flow41'
}

show_results()
{
	jq -r '"",
		"  \(.role) (\({encap: "from the LAN into the tunnel", decap:
			"from the tunnel to the LAN"}[.role]))",
		"    carried fast    \(.file_fast) packets of the file, \(.fast) of \(.packets) while counting",
		"    arrived intact  the file, sha256 \(.sha256)",
		"                    \(.intact) of \(.packets) while counting, byte for byte",
		"    instructions    \(.software) per packet on the software path," +
			" \(.flow41) with flow41:" +
			" \(.factor * 10 | floor / 10) times fewer"'
}

echo "flow41: IPv6 tunnels and a home router, before and after"
echo
story || failures

cat <<'END'

== 8. What a packet costs

  A second virtual machine, whose clock counts the instructions its processor
  executes, sends 10,000 UDP packets each way (half a minute). Instructions per
  packet, the sender's own part subtracted:

END
"$TESTS/bench/run.sh" || die "counting instructions failed: see above"

echo
echo "== Result"
results >"$out/demo.json"
show_results <"$out/demo.json"
echo
echo "  These are instructions, not cycles: caches are not modelled (tests/bench/README.md)."
slow=$(jq -r "select(.factor < $MIN_FACTOR) | .role" "$out/demo.json" | paste -sd' ')
[ -z "$slow" ] || die "FAILED: less than $MIN_FACTOR times fewer instructions for: $slow"
[ "$(wc -l <"$out/demo.json")" = 2 ] || die "FAILED: not both roles were measured"
echo
echo "demo: passed: at least $MIN_FACTOR times fewer instructions per packet, every byte intact"
