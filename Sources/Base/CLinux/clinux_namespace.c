#define _GNU_SOURCE
#include "clinux_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <unistd.h>

int clinux_new_mount_namespace(void) {
    // The main thread's; one's own would be /proc/thread-self.
    int machine = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (machine < 0) return -1;
    // setns(2) wants a thread that shares its root and working directory with no other.
    int status = unshare(CLONE_FS) == 0 ? setns(machine, CLONE_NEWNS) : -1;
    close(machine);
    if (status != 0 || unshare(CLONE_NEWNS) != 0) return -1;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int clinux_bind_mount(const char *source, const char *target) { return mount(source, target, NULL, MS_BIND, NULL); }
