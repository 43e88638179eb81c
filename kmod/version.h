/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The one place for the version; the module, the tool and dkms.conf share it. */
#ifndef _FLOW41_VERSION_H
#define _FLOW41_VERSION_H

#define FLOW41_VERSION	"0.1.0"

#endif /* _FLOW41_VERSION_H */
