# SPDX-License-Identifier: GPL-2.0
# Linux 6.1 with what finds mistakes (debug.config): KASAN, lockdep, kmemleak and
# the like.  Compiled from Debian's source.  Several times slower than stock: SLOW gives
# the scenarios more time, and less to do (tests/net/lib.sh).
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(bookworm bookworm-security)
MAKE_ARGS=()
BOOT_IMAGE=bzImage
MEM=${MEM:-1024}
SLOW=${SLOW:-2}
LIMIT=${LIMIT:-1500}
CELL_SCENARIOS=${CELL_SCENARIOS:-"00 01 10 13 21 23 30 31 32 33 34 36 38 39 41 42 45 50 51 52 55 56
	61 62 80 81 82 83 84 85 86 87 90 96 97 failslab"}
# shellcheck source=../compile.sh
. "$QEMU_DIR/compile.sh"

fetch_kernel()
{
	compile_kernel debug "$QEMU_DIR/kernels/debug.config" x86_64 "" bzImage arch/x86/boot/bzImage
}
