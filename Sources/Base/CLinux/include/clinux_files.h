// File system calls of Linux that Glibc's module does not show to Swift.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/inotify.h>

// openat2(2): glibc 2.36 has no wrapper. RESOLVE_BENEATH keeps the whole lookup below dirfd.
int clinux_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve);

// The mount (statx STATX_MNT_ID) that fd lives on, or 0 where the kernel does not say.
// Two bind mounts of one file system differ in it and in nothing else.
uint64_t clinux_mount_id(int fd);

// O_PATH of open(2), which <fcntl.h> shows under _GNU_SOURCE only.
extern const int clinux_o_path;

/// Whether somebody has the file open for writing, or may have: nonzero as well where a read lease (fcntl(2),
/// F_SETLEASE) is refused for another reason, as on a network file system.
int clinux_is_open_for_writing(int fd);

/// The kind of file system that a path is on: `f_type` of statfs(2), one of linux/magic.h; 0 when it cannot be told.
uint32_t clinux_file_system_type(const char *path);

// eventfd(2), non-blocking and close-on-exec: Glibc's module leaves it out.
int clinux_wake_descriptor(void);

#endif
