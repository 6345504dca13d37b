// Preloaded into a process (LD_PRELOAD), it stands between that and its disk, for the file DISK_PLACE, or all files below that folder:
//
// DISK_FAULTS  a file that the test maps too, `struct faults`: system calls fail with EIO while it says so, and are counted.
// DISK_LOG     a file to which every change of a file or a folder is added, with each sync, in the order of their effect, and
//              with what the process writes to its standard output: what it has promised by then.
//
// SQLite inside of libsql and Node's own libuv both go through the functions of libc that are replaced here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READ, WRITE, SYNC, KINDS };

struct faults {
  uint32_t fails[KINDS];
  uint32_t failed[KINDS];
  uint32_t from; /* reads and writes before this offset are let through: the rest of the file is a bad place */
};

/*
 * Of the log; followed by the path, then the data. `ino` tells files apart, since a path does not.
 *
 * c  a file was made at the path        w  the data were written at the offset    s  a file or a folder was synced
 * m  a folder                           t  cut, or made longer, to the offset     f  a sync failed
 * l  another name for a file            r  renamed to what the data say           u  a name was removed
 * p  the process printed the data
 */
struct entry {
  uint32_t kind;
  uint32_t path_bytes;
  uint32_t data_bytes;
  uint32_t unused;
  uint64_t ino;
  int64_t offset;
};

static struct faults *faults;
static const char *watched;
static size_t watched_length;
static int log_fd = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, #name)

static void add(char kind, uint64_t ino, const char *path, const void *data, size_t bytes, off64_t offset);
static uint64_t inode_at(const char *path);

__attribute__((constructor)) static void start(void) {
  const char *faults_path = getenv("DISK_FAULTS"), *log_path = getenv("DISK_LOG");
  watched = getenv("DISK_PLACE");
  if (!watched) return;
  watched_length = strlen(watched);
  if (faults_path) {
    int fd = open(faults_path, O_RDWR | O_CLOEXEC);
    void *map = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) faults = map;
    close(fd);
  }
  if (log_path) {
    log_fd = open(log_path, O_WRONLY | O_APPEND | O_CLOEXEC);
    add('m', inode_at(watched), watched, NULL, 0, 0);
  }
}

static int is_inside(const char *path) {
  return watched && !strncmp(path, watched, watched_length) &&
         (path[watched_length] == '/' || path[watched_length] == 0);
}

static int is_open_inside(int fd) {
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_inside(path);
}

static int fails(int kind, int fd, off64_t end) {
  if (!faults || !faults->fails[kind] || end <= faults->from || !is_open_inside(fd)) return 0;
  __atomic_fetch_add(&faults->failed[kind], 1, __ATOMIC_SEQ_CST);
  errno = EIO;
  return 1;
}

static off64_t place(int fd) { return faults && faults->from ? lseek64(fd, 0, SEEK_CUR) : 0; }

/* ---- the log ---- */

static void add(char kind, uint64_t ino, const char *path, const void *data, size_t bytes, off64_t offset) {
  if (log_fd < 0) return;
  size_t path_bytes = path ? strlen(path) : 0;
  struct entry entry = {kind, path_bytes, bytes, 0, ino, offset};
  struct iovec parts[] = {{&entry, sizeof entry}, {(void *)path, path_bytes}, {(void *)data, bytes}};
  ssize_t length = sizeof entry + path_bytes + bytes;
  if (syscall(SYS_writev, log_fd, parts, 3) != length) abort();
}

static uint64_t inode_at(const char *path) {
  struct stat at;
  return lstat(path, &at) ? 0 : at.st_ino;
}

/* 0 where the log does not want it. */
static uint64_t logged_inode(int fd) {
  struct stat at;
  if (log_fd < 0 || !is_open_inside(fd) || fstat(fd, &at)) return 0;
  return at.st_ino;
}

static void lock(void) {
  if (log_fd >= 0) pthread_mutex_lock(&turn);
}

static void unlock(void) {
  if (log_fd >= 0) pthread_mutex_unlock(&turn);
}

static void add_write(int fd, const void *data, ssize_t bytes, off64_t offset) {
  if (bytes <= 0) return;
  if (log_fd >= 0 && fd == STDOUT_FILENO) return add('p', 0, NULL, data, bytes, 0);
  uint64_t ino = logged_inode(fd);
  if (ino) add('w', ino, NULL, data, bytes, offset >= 0 ? offset : lseek64(fd, 0, SEEK_CUR) - bytes);
}

static int after(int result, char kind, uint64_t ino, const char *path, off64_t size) {
  int error = errno;
  if (!result && ino) add(kind, ino, path, NULL, 0, size);
  errno = error;
  return result;
}

/* ---- reads ---- */

ssize_t read(int fd, void *to, size_t bytes) {
  REAL(read);
  return fails(READ, fd, place(fd) + bytes) ? -1 : real(fd, to, bytes);
}

ssize_t readv(int fd, const struct iovec *parts, int count) {
  REAL(readv);
  return fails(READ, fd, INT64_MAX) ? -1 : real(fd, parts, count);
}

ssize_t pread64(int fd, void *to, size_t bytes, off64_t offset) {
  REAL(pread64);
  return fails(READ, fd, offset + bytes) ? -1 : real(fd, to, bytes, offset);
}
ssize_t pread(int, void *, size_t, off_t) __attribute__((alias("pread64")));

ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t offset) {
  REAL(preadv64);
  return fails(READ, fd, INT64_MAX) ? -1 : real(fd, parts, count, offset);
}

/* ---- writes ---- */

ssize_t write(int fd, const void *data, size_t bytes) {
  REAL(write);
  if (fails(WRITE, fd, place(fd) + bytes)) return -1;
  lock();
  ssize_t written = real(fd, data, bytes);
  add_write(fd, data, written, -1);
  unlock();
  return written;
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
  REAL(pwrite64);
  if (fails(WRITE, fd, offset + bytes)) return -1;
  lock();
  ssize_t written = real(fd, data, bytes, offset);
  add_write(fd, data, written, offset);
  unlock();
  return written;
}
ssize_t pwrite(int, const void *, size_t, off_t) __attribute__((alias("pwrite64")));

/* One part of several that is written alone is a short write, which callers go on from. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  if (log_fd >= 0 && count > 0) return write(fd, parts[0].iov_base, parts[0].iov_len);
  return fails(WRITE, fd, INT64_MAX) ? -1 : real(fd, parts, count);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  REAL(pwritev64);
  if (log_fd >= 0 && count > 0) return pwrite64(fd, parts[0].iov_base, parts[0].iov_len, offset);
  return fails(WRITE, fd, INT64_MAX) ? -1 : real(fd, parts, count, offset);
}

int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  if (fails(WRITE, fd, INT64_MAX)) return -1;
  lock();
  int result = after(real(fd, size), 't', logged_inode(fd), NULL, size);
  unlock();
  return result;
}
int ftruncate(int, off_t) __attribute__((alias("ftruncate64")));

/* Ways to copy that a log of writes cannot hold: libuv reads and writes instead. */
ssize_t sendfile64(int to, int from, off64_t *offset, size_t bytes) {
  REAL(sendfile64);
  if (!faults && log_fd < 0) return real(to, from, offset, bytes);
  errno = EINVAL;
  return -1;
}

long syscall(long number, ...) {
  REAL(syscall);
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  if (number == SYS_copy_file_range && (faults || log_fd >= 0)) {
    errno = ENOSYS;
    return -1;
  }
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int ioctl(int fd, unsigned long request, ...) {
  REAL(ioctl);
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  const unsigned long clone = 0x40049409; /* FICLONE */
  if (request == clone && (faults || log_fd >= 0)) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return real(fd, request, argument);
}

/* ---- syncs ---- */

static int synced(int (*real)(int), int fd) {
  int has_failed = fails(SYNC, fd, INT64_MAX);
  lock();
  if (has_failed) after(0, 'f', logged_inode(fd), NULL, 0);
  int result = has_failed ? -1 : after(real(fd), 's', logged_inode(fd), NULL, 0);
  unlock();
  if (has_failed) errno = EIO;
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  return synced(real, fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return synced(real, fd);
}

/* ---- names ---- */

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list list;
  va_start(list, flags);
  mode_t mode = va_arg(list, int);
  va_end(list);
  if (log_fd < 0 || !is_inside(path)) return real(path, flags, mode);
  lock();
  uint64_t before = inode_at(path);
  int fd = real(path, flags, mode), error = errno;
  struct stat at;
  if (fd >= 0 && !fstat(fd, &at)) {
    if (!before) add('c', at.st_ino, path, NULL, 0, 0);
    else if (flags & O_TRUNC) add('t', at.st_ino, NULL, NULL, 0, 0);
  }
  unlock();
  errno = error;
  return fd;
}
int open(const char *, int, ...) __attribute__((alias("open64")));

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  lock();
  int result = real(path, mode);
  after(result, 'm', log_fd >= 0 && is_inside(path) ? inode_at(path) : 0, path, 0);
  unlock();
  return result;
}

int rename(const char *from, const char *to) {
  REAL(rename);
  lock();
  uint64_t ino = log_fd >= 0 && is_inside(from) ? inode_at(from) : 0;
  int result = real(from, to), error = errno;
  if (!result && ino) add('r', ino, from, to, strlen(to), 0);
  unlock();
  errno = error;
  return result;
}

int link(const char *from, const char *to) {
  REAL(link);
  lock();
  int result = real(from, to);
  after(result, 'l', log_fd >= 0 && is_inside(to) ? inode_at(to) : 0, to, 0);
  unlock();
  return result;
}

static int gone(int result, uint64_t ino, const char *path) { return after(result, 'u', ino, path, 0); }

int unlink(const char *path) {
  REAL(unlink);
  lock();
  uint64_t ino = log_fd >= 0 && is_inside(path) ? inode_at(path) : 0;
  int result = gone(real(path), ino, path);
  unlock();
  return result;
}

int rmdir(const char *path) {
  REAL(rmdir);
  lock();
  uint64_t ino = log_fd >= 0 && is_inside(path) ? inode_at(path) : 0;
  int result = gone(real(path), ino, path);
  unlock();
  return result;
}
