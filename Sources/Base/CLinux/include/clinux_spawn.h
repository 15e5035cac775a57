// What spawning a daemon needs and glibc declares only under _GNU_SOURCE, which Swift's Glibc does not have.
#ifndef CLINUX_SPAWN_H
#define CLINUX_SPAWN_H

#include <spawn.h>

/// POSIX_SPAWN_SETSID.
extern const short clinux_spawn_setsid;

/// posix_spawn_file_actions_addclosefrom_np(3). 0, or an errno.
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int from);

/// posix_spawn_file_actions_addchdir_np(3). 0, or an errno.
int clinux_spawn_chdir(posix_spawn_file_actions_t *actions, const char *path);

/// pipe2(2). 0, or -1 with errno.
int clinux_pipe2(int ends[2], int flags);

#endif
