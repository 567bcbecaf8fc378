/* A disk that fails when it is told to: loaded ahead of the C library into a server that is to be tried.

   FAILING_FOLDER  the folder whose files are struck
   FAILING_SWITCH  a file elsewhere: while it is there, writing fails with the error number that it holds

   Reading goes on. With EROFS files can be opened for reading alone, as on a file system that was turned read-only. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int error_of_disk(void) {
    const char *path = getenv("FAILING_SWITCH");
    char text[16] = {0};
    int saved = errno, file = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) : -1;
    if (file < 0) {
        errno = saved;
        return 0;
    }
    long size = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    errno = saved;
    return size > 0 ? atoi(text) : 0;
}

static int lies_in_folder(const char *path) {
    const char *folder = getenv("FAILING_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_struck(int file) {
    char link[32], path[PATH_MAX] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1) > 0 && lies_in_folder(path);
}

static int fails(int file) {
    int error = error_of_disk();
    if (!error || !is_struck(file)) return 0;
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t size) { return fails(file) ? -1 : REAL(write)(file, bytes, size); }
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    return fails(file) ? -1 : REAL(pwrite)(file, bytes, size, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    return fails(file) ? -1 : REAL(pwrite64)(file, bytes, size, at);
}
int ftruncate(int file, off_t size) { return fails(file) ? -1 : REAL(ftruncate)(file, size); }
int ftruncate64(int file, off64_t size) { return fails(file) ? -1 : REAL(ftruncate64)(file, size); }
int fsync(int file) { return fails(file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails(file) ? -1 : REAL(fdatasync)(file); }

static int may_open(const char *path, int flags) {
    if (error_of_disk() != EROFS || !(flags & (O_WRONLY | O_RDWR | O_CREAT)) || !lies_in_folder(path)) return 1;
    if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) == O_CREAT && access(path, F_OK) == 0) return 1;
    errno = EROFS;
    return 0;
}

#define OPENS(name)                                     \
    int name(const char *path, int flags, ...) {        \
        va_list rest;                                   \
        va_start(rest, flags);                          \
        mode_t mode = va_arg(rest, mode_t);             \
        va_end(rest);                                   \
        return may_open(path, flags) ? REAL(name)(path, flags, mode) : -1; \
    }
OPENS(open)
OPENS(open64)
