/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The version of the module and the tool. dkms.conf, debian/changelog, CHANGELOG.md and
 * openwrt/flow41/Makefile repeat it.
 */
#ifndef _FLOW41_VERSION_H
#define _FLOW41_VERSION_H

#define FLOW41_VERSION	"0.1.0"

#endif /* _FLOW41_VERSION_H */
