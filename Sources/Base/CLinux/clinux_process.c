#include "clinux_process.h"

#include <sys/prctl.h>

int clinux_forbid_core_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
