/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_LINUX_COMPILER_ATTRIBUTES_H
#define _FLOW41_COMPAT_LINUX_COMPILER_ATTRIBUTES_H

#include_next <linux/compiler_attributes.h>

/* New in 5.16 */
#ifndef __flatten
#define __flatten	__attribute__((flatten))
#endif

/* New in 6.10; 5.10.222, 5.15.163, 6.1.100 and 6.6.41 have it, too. */
#ifndef __uninitialized
#define __uninitialized
#endif

#endif /* _FLOW41_COMPAT_LINUX_COMPILER_ATTRIBUTES_H */
