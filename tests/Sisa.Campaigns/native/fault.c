/* Stands between a program and the C library's calls that change files, and does harm at one of them.
 *
 * Loaded with LD_PRELOAD. Counts every call that changes something under one folder, over all processes that inherit it, and does what
 * the plan says at call number N:
 *
 *   kill N       SIGKILL before it                        error N E    it fails with errno E, and changed nothing
 *   torn N       SIGKILL after half of it (a write),      errors N E   so do all that follow
 *                or after all of it                       late N E     it fails with errno E, and was done all the same
 *   short N      a write takes half of the bytes          shorts N     so do all that follow
 *
 * With a trace, every change is recorded in its order with its data, and so is what the program says, by which it acknowledges. Whatever it lets pass goes to the kernel by syscall(2), so that nothing of the C library is called twice.
 *
 * Out of reach: changes through shared memory maps. SQLite makes some to its index of the write-ahead log (manifest.db-shm), which it
 * makes anew after a crash; nothing else does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum plan { NOTHING, KILL, TORN, ERROR, ERRORS, LATE, SHORT, SHORTS };
enum kind { CREATE = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, RMDIR, CHMOD, LINK, OUTPUT };
enum verdict { PASS, REFUSE, HALF, HALF_AND_DIE, DO_AND_DIE, DO_AND_REFUSE };

/* Shared by all processes of a run, in a file outside of the folder. */
struct shared {
    _Atomic uint64_t count, fired;
    _Atomic int lock;
};

struct record {
    uint32_t magic, kind;
    uint64_t inode;
    int64_t offset, length;
    uint32_t name_bytes, other_bytes, data_bytes, reserved;
};

static char root[PATH_MAX];
static size_t root_bytes;
static struct shared *shared;
static enum plan plan;
static uint64_t at;
static int number_of_error;
static int trace = -1;
static struct stat output, errors;

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("SISA_FAULT_ROOT"), *state = getenv("SISA_FAULT_STATE"), *what = getenv("SISA_FAULT_PLAN"), *file = getenv("SISA_FAULT_TRACE");
    if (folder == NULL || state == NULL || strlen(folder) >= sizeof root) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, state, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || syscall(SYS_ftruncate, fd, (off_t)4096) != 0) return;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (page == MAP_FAILED) return;
    shared = page;
    const char *names[] = { "", "kill", "torn", "error", "errors", "late", "short", "shorts" };
    char word[16];
    unsigned long long n = 0;
    if (what != NULL && sscanf(what, "%15s %llu %d", word, &n, &number_of_error) >= 2)
        for (int i = KILL; i <= SHORTS; i++) if (strcmp(word, names[i]) == 0) plan = i;
    at = n;
    if (file != NULL) trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fstat(STDOUT_FILENO, &output) != 0) output.st_ino = 0;
    if (fstat(STDERR_FILENO, &errors) != 0) errors.st_ino = 0;
    strcpy(root, folder);
    root_bytes = strlen(root);
}

static int inside(const char *path) { return root_bytes > 0 && strncmp(path, root, root_bytes) == 0 && (path[root_bytes] == '/' || path[root_bytes] == 0); }

/* The absolute path that an open file has now. */
static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = 0;
    return n > 0;
}

static const char *absolute(int folder, const char *path, char *buffer) {
    if (path[0] == '/') return path;
    char base[PATH_MAX];
    if (folder == AT_FDCWD ? getcwd(base, sizeof base) == NULL : !path_of(folder, base)) return path;
    snprintf(buffer, 2 * PATH_MAX, "%s/%s", base, path);
    return buffer;
}

static int is_said(const struct stat *s) {
    return (s->st_ino == output.st_ino && s->st_dev == output.st_dev) || (s->st_ino == errors.st_ino && s->st_dev == errors.st_dev);
}

static void die(void) { for (;;) syscall(SYS_kill, getpid(), SIGKILL); }

static enum verdict judge(int is_write) {
    uint64_t n = atomic_fetch_add(&shared->count, 1) + 1;
    int here = n == at, from = at > 0 && n >= at;
    if (plan == NOTHING || !from || (!here && plan != ERRORS && plan != SHORTS)) return PASS;
    if ((plan == SHORT || plan == SHORTS) && !is_write) return PASS;
    atomic_fetch_add(&shared->fired, 1);
    switch (plan) {
    case KILL: die(); return PASS;
    case TORN: return is_write ? HALF_AND_DIE : DO_AND_DIE;
    case ERROR: case ERRORS: errno = number_of_error; return REFUSE;
    case LATE: return DO_AND_REFUSE;
    default: return HALF;
    }
}

static void lock(void) { if (trace >= 0) for (int free = 0; !atomic_compare_exchange_weak(&shared->lock, &free, 1); free = 0) sched_yield(); }
static void unlock(void) { if (trace >= 0) atomic_store(&shared->lock, 0); }

static void put(enum kind kind, uint64_t inode, int64_t offset, int64_t length, const char *name, const char *other, const struct iovec *data, int parts) {
    if (trace < 0) return;
    struct iovec all[1024 + 3];
    struct record head = { 0x31544653, kind, inode, offset, length, (uint32_t)strlen(name), (uint32_t)strlen(other), 0, 0 };
    size_t left = data == NULL ? 0 : (size_t)length;
    int count = 3;
    for (int i = 0; i < parts && left > 0 && count < 1027; i++) {
        size_t bytes = data[i].iov_len < left ? data[i].iov_len : left;
        all[count++] = (struct iovec){ data[i].iov_base, bytes };
        left -= bytes;
        head.data_bytes += (uint32_t)bytes;
    }
    all[0] = (struct iovec){ &head, sizeof head };
    all[1] = (struct iovec){ (void *)name, head.name_bytes };
    all[2] = (struct iovec){ (void *)other, head.other_bytes };
    int kept = errno;
    if (syscall(SYS_writev, trace, all, count) < 0) die(); /* a trace with a gap would prove nothing */
    errno = kept;
}

/* Ends a call as the verdict says, after it was done. */
static long finish(enum verdict verdict, long result) {
    if (verdict == HALF_AND_DIE || verdict == DO_AND_DIE) die();
    if (verdict == DO_AND_REFUSE && result >= 0) { errno = number_of_error; return -1; }
    return result;
}

static uint64_t inode_at(const char *path) { struct stat s; return stat(path, &s) == 0 ? s.st_ino : 0; }
static uint64_t inode_of(int fd) { struct stat s; return fstat(fd, &s) == 0 ? s.st_ino : 0; }

/* ---- Calls on paths ---- */

static int open_at(int folder, const char *name, int flags, mode_t mode) {
    char buffer[2 * PATH_MAX];
    const char *path = shared != NULL && (flags & (O_CREAT | O_TRUNC)) != 0 ? absolute(folder, name, buffer) : "";
    struct stat before;
    int there = inside(path) && stat(path, &before) == 0;
    int makes = inside(path) && !there && (flags & O_CREAT) != 0, empties = there && (flags & O_TRUNC) != 0 && before.st_size > 0;
    if (!makes && !empties) return (int)syscall(SYS_openat, folder, name, flags, mode);
    enum verdict verdict = judge(0);
    if (verdict == REFUSE) return -1;
    lock();
    int fd = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (fd >= 0) put(makes ? CREATE : TRUNCATE, inode_of(fd), 0, 0, path, "", NULL, 0);
    unlock();
    if (verdict == DO_AND_REFUSE && fd >= 0) syscall(SYS_close, fd);
    return (int)finish(verdict, fd);
}

static mode_t mode_in(int flags, va_list arguments) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0; }

int open(const char *name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_in(flags, arguments);
    va_end(arguments);
    return open_at(AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_in(flags, arguments);
    va_end(arguments);
    return open_at(folder, name, flags, mode);
}

int creat(const char *name, mode_t mode) { return open_at(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }

static int move(long call, enum kind kind, int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    char buffer[2 * PATH_MAX], other[2 * PATH_MAX];
    const char *source = absolute(from_folder, from, buffer), *target = absolute(to_folder, to, other);
    if (shared == NULL || (!inside(source) && !inside(target))) return (int)syscall(call, from_folder, from, to_folder, to, flags);
    enum verdict verdict = judge(0);
    if (verdict == REFUSE) return -1;
    lock();
    long result = syscall(call, from_folder, from, to_folder, to, flags);
    if (result == 0) put(kind, inode_at(target), 0, 0, source, target, NULL, 0);
    unlock();
    return (int)finish(verdict, result);
}

int rename(const char *from, const char *to) { return move(SYS_renameat2, RENAME, AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return move(SYS_renameat2, RENAME, a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return move(SYS_renameat2, RENAME, a, from, b, to, flags); }
int link(const char *from, const char *to) { return move(SYS_linkat, LINK, AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return move(SYS_linkat, LINK, a, from, b, to, (unsigned)flags); }

static int change(enum kind kind, int folder, const char *name, long call, long first, long second) {
    char buffer[2 * PATH_MAX];
    const char *path = absolute(folder, name, buffer);
    if (shared == NULL || !inside(path) || (kind != MKDIR && inode_at(path) == 0) || (kind == MKDIR && inode_at(path) != 0)) return (int)syscall(call, folder, name, first, second);
    enum verdict verdict = judge(0);
    if (verdict == REFUSE) return -1;
    lock();
    uint64_t inode = inode_at(path);
    long result = syscall(call, folder, name, first, second);
    if (result == 0) put(kind, inode, 0, 0, path, "", NULL, 0);
    unlock();
    return (int)finish(verdict, result);
}

int unlinkat(int folder, const char *name, int flags) { return change((flags & AT_REMOVEDIR) != 0 ? RMDIR : UNLINK, folder, name, SYS_unlinkat, flags, 0); }
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int mkdirat(int folder, const char *name, mode_t mode) { return change(MKDIR, folder, name, SYS_mkdirat, mode, 0); }
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }
int chmod(const char *name, mode_t mode) { return change(CHMOD, AT_FDCWD, name, SYS_fchmodat, mode, 0); }

/* ---- Calls on open files ---- */

static ssize_t write_parts(int fd, const struct iovec *parts, int count, off_t offset) {
    char path[PATH_MAX];
    int is_mine = shared != NULL && path_of(fd, path) && inside(path);
    struct stat s;
    if (!is_mine && (trace < 0 || fstat(fd, &s) != 0 || !is_said(&s)))
        return offset < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, offset, 0);
    size_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
    enum verdict verdict = is_mine ? judge(bytes > 1) : PASS;
    if (verdict == REFUSE) return -1;
    struct iovec some[1024];
    size_t left = verdict == HALF || verdict == HALF_AND_DIE ? bytes / 2 : bytes;
    int used = 0;
    for (; used < count && used < 1024 && left > 0; used++) {
        some[used] = (struct iovec){ parts[used].iov_base, parts[used].iov_len < left ? parts[used].iov_len : left };
        left -= some[used].iov_len;
    }
    lock();
    ssize_t result = offset < 0 ? syscall(SYS_writev, fd, some, used) : syscall(SYS_pwritev, fd, some, used, offset, 0);
    if (result > 0) {
        if (is_mine) put(WRITE, inode_of(fd), offset < 0 ? lseek(fd, 0, SEEK_CUR) - result : offset, result, path, "", some, used);
        else put(OUTPUT, 0, 0, result, "", "", some, used);
    }
    unlock();
    return finish(verdict, result);
}

ssize_t write(int fd, const void *data, size_t bytes) { return write_parts(fd, &(struct iovec){ (void *)data, bytes }, 1, -1); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_parts(fd, parts, count, -1); }
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) { return write_parts(fd, &(struct iovec){ (void *)data, bytes }, 1, offset); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return write_parts(fd, parts, count, offset); }

static long change_open(enum kind kind, int fd, int64_t length, long call, long first, long second, long third) {
    char path[PATH_MAX];
    if (shared == NULL || !path_of(fd, path) || !inside(path)) return syscall(call, fd, first, second, third);
    enum verdict verdict = judge(0);
    if (verdict == REFUSE) return -1;
    lock();
    long result = syscall(call, fd, first, second, third);
    struct stat s;
    if (result == 0) put(kind, inode_of(fd), 0, kind == TRUNCATE && call == SYS_fallocate && fstat(fd, &s) == 0 ? s.st_size : length, path, "", NULL, 0);
    unlock();
    return finish(verdict, result);
}

int ftruncate(int fd, off_t length) { return (int)change_open(TRUNCATE, fd, length, SYS_ftruncate, length, 0, 0); }
int fallocate(int fd, int mode, off_t offset, off_t length) { return (int)change_open(TRUNCATE, fd, 0, SYS_fallocate, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) { int kept = errno, result = fallocate(fd, 0, offset, length) == 0 ? 0 : errno; errno = kept; return result; }
int fsync(int fd) { return (int)change_open(SYNC, fd, 0, SYS_fsync, 0, 0, 0); }
int fdatasync(int fd) { return (int)change_open(SYNC, fd, 0, SYS_fdatasync, 0, 0, 0); }
int fchmod(int fd, mode_t mode) { return (int)change_open(CHMOD, fd, 0, SYS_fchmod, mode, 0, 0); }

/* Copies inside the kernel have no data to record; whoever is refused them copies by reading and writing. */
ssize_t copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t bytes, unsigned flags) {
    char path[PATH_MAX];
    if (shared != NULL && path_of(to, path) && inside(path)) { errno = EXDEV; return -1; }
    return syscall(SYS_copy_file_range, from, from_offset, to, to_offset, bytes, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t bytes) {
    char path[PATH_MAX];
    if (shared != NULL && path_of(to, path) && inside(path)) { errno = EINVAL; return -1; }
    return syscall(SYS_sendfile, to, from, offset, bytes);
}

int open64(const char *, int, ...) __attribute__((alias("open")));
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
int fallocate64(int, int, off_t, off_t) __attribute__((alias("fallocate")));
int posix_fallocate64(int, off_t, off_t) __attribute__((alias("posix_fallocate")));
ssize_t sendfile64(int, int, off_t *, size_t) __attribute__((alias("sendfile")));

/* .NET asks the C library's own handle for functions that a program imports from it; such a search passes LD_PRELOAD by. */
void *dlsym(void *handle, const char *name) {
    static void *(*real)(void *, const char *);
    static const struct { const char *name; void *function; } mine[] = {
        { "fsync", fsync }, { "fdatasync", fdatasync }, { "open", open }, { "open64", open }, { "openat", openat }, { "write", write }, { "pwrite", pwrite },
        { "pwrite64", pwrite }, { "writev", writev }, { "pwritev", pwritev }, { "ftruncate", ftruncate }, { "ftruncate64", ftruncate }, { "rename", rename },
        { "unlink", unlink }, { "mkdir", mkdir }, { "rmdir", rmdir }, { "chmod", chmod }, { "fchmod", fchmod }, { "link", link }, { "fallocate", fallocate },
        { "posix_fallocate", posix_fallocate },
    };
    const char *versions[] = { "GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17" };
    for (size_t i = 0; real == NULL && i < sizeof versions / sizeof versions[0]; i++) *(void **)&real = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    for (size_t i = 0; shared != NULL && i < sizeof mine / sizeof mine[0]; i++) if (strcmp(mine[i].name, name) == 0) return mine[i].function;
    return real == NULL ? NULL : real(handle, name);
}
