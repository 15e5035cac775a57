#define _GNU_SOURCE
#include "clinux_files.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

const int clinux_o_path = O_PATH;

int clinux_is_open_for_writing(int fd) {
    // The signal of a lease that is broken before it is given back: SIGIO would end the process.
    if (fcntl(fd, F_SETSIG, SIGURG) != 0 || fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return 1;
    return fcntl(fd, F_SETLEASE, F_UNLCK) != 0;
}

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
