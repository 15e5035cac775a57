#define _GNU_SOURCE
#include "clinux_spawn.h"

#include <spawn.h>
#include <unistd.h>

const short clinux_spawn_setsid = POSIX_SPAWN_SETSID;

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

int clinux_spawn_chdir(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int clinux_pipe2(int ends[2], int flags) { return pipe2(ends, flags); }
