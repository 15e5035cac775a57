// unshare(2) is declared only under _GNU_SOURCE, which Swift's Glibc does not have.
#ifndef CLINUX_NAMESPACE_H
#define CLINUX_NAMESPACE_H

/// Gives the calling thread a mount namespace of its own, whose changes nobody else sees: a copy of the process's first
/// one, wherever the thread was. 0, or -1 with errno.
int clinux_new_mount_namespace(void);

/// A bind mount (mount(2)). 0, or -1 with errno.
int clinux_bind_mount(const char *source, const char *target);

#endif
