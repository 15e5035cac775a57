// Namespaces of a thread, and opening files.
#ifndef CLINUX_DESCRIPTOR_H
#define CLINUX_DESCRIPTOR_H

// setns(2) and unshare(2) are declared only under _GNU_SOURCE, which Swift's Glibc does not have.
// Both act on the calling thread alone.

/// Moves the calling thread into the network namespace of `fd`. 0, or -1 with errno.
int clinux_enter_network_namespace(int fd);

/// Gives the calling thread a new, empty network namespace. 0, or -1 with errno.
int clinux_new_network_namespace(void);

/// The calling thread's id (gettid(2), likewise hidden).
int clinux_thread_id(void);

/// open(2) and openat(2) are variadic, so Swift sees only some overlays of them: O_CLOEXEC is added here for all.
/// A descriptor, or -1 with errno.
int clinux_openat(int directory, const char *path, int flags, unsigned int mode);

/// openat2(2) has no wrapper in glibc 2.36: opens below `directory` and never outside of it, through no symbolic link.
/// A descriptor, or -1 with errno (EXDEV for a path that leads out, ELOOP for a link).
int clinux_open_beneath(int directory, const char *path, int flags);

#endif
