#ifndef CLINUX_HEAP_H
#define CLINUX_HEAP_H

#include <stddef.h>

/// mallopt(3) M_ARENA_MAX: malloc's heaps are shared by threads beyond two. Each keeps what its threads have freed, which
/// after a burst of work is most of a process. malloc.h is not in Swift's Glibc module.
void clinux_share_heaps(void);

/// mallinfo(3): the bytes that malloc has given out, of all heaps and of what was mapped for itself.
size_t clinux_memory_in_use(void);

/// malloc_trim(3): gives what is free back to the kernel.
void clinux_return_free_memory(void);

#endif
