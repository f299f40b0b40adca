// Preloaded into the program under test: ends it, or fails its disk, at one record of the journal.
//
//   JOURNAL_DO=WHAT JOURNAL_AT=N
//
// A record is one write to journal.jsonl and one sync after it; N counts writes of this process from 1. WHAT is
//   absent    SIGKILL instead of the write        torn      SIGKILL after half of the write
//   unsynced  SIGKILL instead of the sync         synced    SIGKILL after the sync
//   full      ENOSPC from that write on, after half of it       unsyncable  EIO from that sync on
// For the other files of the state directory N counts what replaces them, a draft that is then renamed:
//   undrafted  SIGKILL instead of the write   drafted  SIGKILL instead of the rename   renamed  SIGKILL after it
// With JOURNAL_TELL=FILE the number of records so far is in that file after each sync.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int writes, drafts, renames;

static int is(const char *what) {
    const char *said = getenv("JOURNAL_DO");
    return said && strcmp(said, what) == 0;
}

static int at(void) {
    const char *said = getenv("JOURNAL_AT");
    return said ? atoi(said) : INT_MAX;
}

static int ends(const char *path, const char *end) {
    size_t length = strlen(path), wanted = strlen(end);
    return length >= wanted && strcmp(path + length - wanted, end) == 0;
}

// Whether the file of that descriptor is one of that name.
static int is_file(int descriptor, const char *end) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return ends(path, end);
}

static int is_journal(int descriptor) { return is_file(descriptor, "/journal.jsonl"); }

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    int kept = errno;
    if (is("undrafted") && is_file(descriptor, ".json.new") && atomic_fetch_add(&drafts, 1) + 1 == at()) end();
    if (descriptor <= 2 || !is_journal(descriptor)) {
        errno = kept;
        return real(descriptor, bytes, count);
    }
    int number = atomic_fetch_add(&writes, 1) + 1;
    if (number == at() && is("absent")) end();
    if (number == at() && is("torn")) {
        real(descriptor, bytes, count / 2);
        end();
    }
    if (number >= at() && is("full")) {
        if (number == at()) return real(descriptor, bytes, count / 2);
        errno = ENOSPC;
        return -1;
    }
    errno = kept;
    return real(descriptor, bytes, count);
}

int fsync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    if (!is_journal(descriptor)) return real(descriptor);
    int number = atomic_load(&writes);
    if (number == at() && is("unsynced")) end();
    if (number >= at() && is("unsyncable")) {
        errno = EIO;
        return -1;
    }
    int result = real(descriptor);
    const char *told = getenv("JOURNAL_TELL");
    if (told) {
        FILE *file = fopen(told, "w");
        if (file) {
            fprintf(file, "%d\n", number);
            fclose(file);
        }
    }
    if (number == at() && is("synced")) end();
    return result;
}

int rename(const char *old, const char *new) {
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    int is_ours = ends(new, ".json") && atomic_fetch_add(&renames, 1) + 1 == at();
    if (is_ours && is("drafted")) end();
    int result = real(old, new);
    if (is_ours && is("renamed")) end();
    return result;
}
