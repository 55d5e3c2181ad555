/* Preloaded into a process: writes down, in order, what it does to the files of one folder ($TRACE_FOLDER), so
 * that a power cut can be played at any moment of it. A record in $TRACE_LOG is
 *   kind (1 byte), inode (8), offset or size (8), length of what follows (4), then data or a name.
 * Call and record are one step under a lock: the order written down is the order in which it happened. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 };
static pthread_mutex_t step = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static const char *folder;
static size_t folder_length;
static int log_file = -1;
static uint64_t watched[DESCRIPTORS]; /* inode by descriptor; 0: none of ours */
static int appends[DESCRIPTORS];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TRACE_LOG");
    folder = getenv("TRACE_FOLDER");
    if (path && folder) {
        folder_length = strlen(folder);
        log_file = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

static void put(const void *data, size_t length) {
    ssize_t (*real)(int, const void *, size_t) = REAL(write);
    while (length > 0) {
        ssize_t written = real(log_file, data, length);
        if (written <= 0)
            abort();
        data = (const char *)data + written;
        length -= (size_t)written;
    }
}

static void say(char kind, uint64_t inode, uint64_t at, const void *data, uint32_t length) {
    char head[21];
    head[0] = kind;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &at, 8);
    memcpy(head + 17, &length, 4);
    put(head, sizeof head);
    put(data, length);
}

static const char *ours(const char *path) {
    if (log_file < 0 || strncmp(path, folder, folder_length) != 0)
        return NULL;
    if (path[folder_length] == '\0')
        return "";
    return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static uint64_t inode_of(int descriptor) {
    return descriptor >= 0 && descriptor < DESCRIPTORS ? watched[descriptor] : 0;
}

static int opened(int descriptor, const char *path, int flags) {
    const char *name = ours(path);
    struct stat seen;
    if (descriptor < 0 || descriptor >= DESCRIPTORS)
        return descriptor;
    watched[descriptor] = 0;
    if (name && fstat(descriptor, &seen) == 0) {
        watched[descriptor] = (uint64_t)seen.st_ino;
        appends[descriptor] = (flags & O_APPEND) != 0;
        if (S_ISDIR(seen.st_mode))
            say('d', (uint64_t)seen.st_ino, 0, "", 0);
        else
            say('o', (uint64_t)seen.st_ino, (flags & O_TRUNC) != 0, name, (uint32_t)strlen(name));
    }
    return descriptor;
}

#define STEP(type, expression)          \
    pthread_mutex_lock(&step);          \
    type done = (expression);           \
    pthread_mutex_unlock(&step);        \
    return done

#define OPENER(name)                                                         \
    int name(const char *path, int flags, ...) {                             \
        mode_t mode = 0;                                                     \
        if (flags & (O_CREAT | O_TMPFILE)) {                                 \
            va_list rest;                                                    \
            va_start(rest, flags);                                           \
            mode = va_arg(rest, mode_t);                                     \
            va_end(rest);                                                    \
        }                                                                    \
        STEP(int, opened(REAL(name)(path, flags, mode), path, flags));       \
    }
OPENER(open)
OPENER(open64)

int close(int descriptor) {
    pthread_mutex_lock(&step);
    if (descriptor >= 0 && descriptor < DESCRIPTORS)
        watched[descriptor] = 0;
    int done = REAL(close)(descriptor);
    pthread_mutex_unlock(&step);
    return done;
}

static ssize_t wrote(ssize_t count, int descriptor, off_t at, const void *data) {
    uint64_t inode = inode_of(descriptor);
    if (inode && count > 0)
        say('w', inode, (uint64_t)at, data, (uint32_t)count);
    return count;
}

ssize_t write(int descriptor, const void *data, size_t length) {
    pthread_mutex_lock(&step);
    off_t at = 0;
    if (inode_of(descriptor))
        at = lseek(descriptor, 0, appends[descriptor] ? SEEK_END : SEEK_CUR);
    ssize_t done = wrote(REAL(write)(descriptor, data, length), descriptor, at, data);
    pthread_mutex_unlock(&step);
    return done;
}

#define WRITER(name)                                                                        \
    ssize_t name(int descriptor, const void *data, size_t length, off_t at) {               \
        STEP(ssize_t, wrote(REAL(name)(descriptor, data, length, at), descriptor, at, data)); \
    }
WRITER(pwrite)
WRITER(pwrite64)

static int told(int done, char kind, int descriptor, off_t size) {
    uint64_t inode = inode_of(descriptor);
    if (inode && done == 0)
        say(kind, inode, (uint64_t)size, "", 0);
    return done;
}

int ftruncate(int descriptor, off_t size) { STEP(int, told(REAL(ftruncate)(descriptor, size), 't', descriptor, size)); }
int ftruncate64(int descriptor, off_t size) { STEP(int, told(REAL(ftruncate64)(descriptor, size), 't', descriptor, size)); }
int fsync(int descriptor) { STEP(int, told(REAL(fsync)(descriptor), 's', descriptor, 0)); }
int fdatasync(int descriptor) { STEP(int, told(REAL(fdatasync)(descriptor), 's', descriptor, 0)); }

int unlink(const char *path) {
    pthread_mutex_lock(&step);
    const char *name = ours(path);
    int done = REAL(unlink)(path);
    if (name && done == 0)
        say('u', 0, 0, name, (uint32_t)strlen(name));
    pthread_mutex_unlock(&step);
    return done;
}

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&step);
    const char *old = ours(from), *new = ours(to);
    int done = REAL(rename)(from, to);
    if (done == 0 && old && new) { /* two records under one lock: the names cannot come apart */
        say('r', 0, 0, old, (uint32_t)strlen(old));
        say('n', 0, 0, new, (uint32_t)strlen(new));
    }
    pthread_mutex_unlock(&step);
    return done;
}
