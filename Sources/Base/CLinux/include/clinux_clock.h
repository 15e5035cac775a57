// Glibc's module leaves <sys/timex.h> out.
#ifndef CLINUX_CLOCK_H
#define CLINUX_CLOCK_H

/// Whether the kernel's clock is steered: STA_UNSYNC of adjtimex(2) is off. 1 or 0, or -1 with errno.
int clinux_clock_is_synchronised(void);

#endif
