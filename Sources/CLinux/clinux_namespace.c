#define _GNU_SOURCE
#include "clinux_namespace.h"

#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>

int clinux_new_mount_namespace(void) {
    if (unshare(CLONE_NEWNS) != 0) return -1;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int clinux_bind_mount(const char *source, const char *target) { return mount(source, target, NULL, MS_BIND, NULL); }
