#define _GNU_SOURCE
#include "clinux_files.h"
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

const int clinux_o_path = O_PATH;

int clinux_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = flags;
    how.resolve = resolve;
    return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
}

uint64_t clinux_mount_id(int fd) {
    struct statx answer;
    memset(&answer, 0, sizeof answer);
    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &answer) != 0 || !(answer.stx_mask & STATX_MNT_ID)) return 0;
    return answer.stx_mnt_id;
}

uint32_t clinux_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (uint32_t)status.f_type : 0;
}

int clinux_wake_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
