#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

/// prctl(2) is variadic, so Swift does not see it: PR_SET_DUMPABLE 0, for no core dump and no ptrace by others.
/// 0, or -1 with errno.
int clinux_forbid_core_dumps(void);

#endif
