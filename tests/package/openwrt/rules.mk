# SPDX-License-Identifier: GPL-2.0
# As much of OpenWrt's rules.mk, package.mk and kernel.mk as flow41's recipe needs, written
# for the tests, which have no OpenWrt. LINUX_DIR, BUILD_DIR and DEST come from outside.

INCLUDE_DIR := $(TOPDIR)/include
CP := cp -fpR
INSTALL_DIR := install -d -m0755
INSTALL_BIN := install -m0755
INSTALL_CONF := install -m0600
TARGET_CONFIGURE_OPTS = CC=gcc
TARGET_CFLAGS := -Os -pipe
TARGET_CPPFLAGS := -DOPENWRT_CPPFLAGS
TARGET_LDFLAGS := -Wl,-z,now
