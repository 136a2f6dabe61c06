/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_COMPILER_H
#define HOSTED_LINUX_COMPILER_H

#define __always_unused		__attribute__((__unused__))
#define __maybe_unused		__attribute__((__unused__))
#define __used			__attribute__((__used__))
#define __aligned(x)		__attribute__((__aligned__(x)))
#define __packed		__attribute__((__packed__))
#define __must_check		__attribute__((__warn_unused_result__))
#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __noreturn		__attribute__((__noreturn__))
#define __cold			__attribute__((__cold__))
#define __weak			__attribute__((__weak__))
#define noinline		__attribute__((__noinline__))
#define noinline_for_stack	noinline
#define __counted_by(member)
#define __init
#define __exit
#define __ro_after_init
#define __read_mostly
#define __randomize_layout

#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#ifndef __attribute_const__
#define __attribute_const__	__attribute__((__const__))
#endif
#ifndef __pure
#define __pure			__attribute__((__pure__))
#endif
#ifndef fallthrough
#define fallthrough		__attribute__((__fallthrough__))
#endif

/* Annotations for sparse and lockdep */
#define __user
#define __kernel
#define __iomem
#define __rcu
#ifndef __force
#define __force
#endif
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define unreachable()		__builtin_unreachable()
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "=r"(v) : "0"(v))
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)

#define __PASTE2(a, b)		a##b
#define __PASTE(a, b)		__PASTE2(a, b)
#define __UNIQUE_ID(prefix)	__PASTE(prefix, __COUNTER__)
#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)

/* IS_ENABLED() as in <linux/kconfig.h>: 1 for a symbol defined as 1 */
#define __ARG_PLACEHOLDER_1		0,
#define __take_second_arg(ignored, val, ...) val
#define ___is_defined(arg1_or_junk)	__take_second_arg(arg1_or_junk 1, 0)
#define __is_defined_val(val)		___is_defined(__ARG_PLACEHOLDER_##val)
#define __is_defined(x)			__is_defined_val(x)
#define IS_ENABLED(option)		__is_defined(option)
#define IS_BUILTIN(option)		__is_defined(option)

#endif
