#include "clinux_heap.h"

#include <malloc.h>

void clinux_share_heaps(void) { mallopt(M_ARENA_MAX, 2); }

void clinux_return_free_memory(void) { malloc_trim(0); }
