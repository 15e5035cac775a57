#include "clinux_clock.h"

#include <sys/timex.h>

int clinux_clock_is_synchronised(void) {
    struct timex reading = {.modes = 0};
    if (adjtimex(&reading) < 0) return -1;
    return (reading.status & STA_UNSYNC) == 0;
}
