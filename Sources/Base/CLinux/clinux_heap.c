#include "clinux_heap.h"

#include <malloc.h>

void clinux_share_heaps(void) { mallopt(M_ARENA_MAX, 2); }

size_t clinux_memory_in_use(void) {
    struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
}

void clinux_return_free_memory(void) { malloc_trim(0); }
