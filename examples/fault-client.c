/*
 * A client of `holdfast serve` in one file of C99, without dependencies: maps files of a volume that another
 * process owns; the owner answers the page faults. docs/fault-protocol.md describes every message.
 *
 *   cc -std=c99 -O2 -Wall -pthread -o fault-client fault-client.c
 *   ./fault-client SOCKET            reads commands from standard input, one a line, and answers each:
 *
 *   open NAME PATH [READ]            opens, and unless READ makes, a file; close NAME
 *   size NAME                        truncate NAME BYTES
 *   punch NAME OFFSET BYTES          fsync NAME
 *   map NAME MAPPING SYNC|SHARED|READ_ONLY OFFSET BYTES
 *   put MAPPING OFFSET VALUE         get MAPPING OFFSET          8 bytes each
 *   persist MAPPING OFFSET BYTES     unmap MAPPING
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

enum { HELLO = 1, OPEN, CLOSE, STAT, TRUNCATE, PUNCH, FSYNC, MAP, RUNS, ATTACH, UNMAP, PERSIST,
       RESTARTED = 100, STOPPING = 101 };
enum { MAGIC = 0x53464648, VERSION = 1, OPEN_WRITE = 1, OPEN_CREATE = 2, PERSIST_BY_OWNER = 1 };
enum { HEADER = 16, MESSAGE_MAX = 32768, NAMES = 64, GREETINGS = 100, HUGE_PAGE = 2 << 20 };

/* ---- messages: little-endian, one a packet; this file assumes a little-endian machine */

struct message {
    unsigned char bytes[MESSAGE_MAX];
    size_t length; /* of what was put in, or received */
    size_t at;     /* next byte to take */
    int fd;        /* descriptor that came with it, or -1 */
};

static int connection = -1;
static int faults = -1; /* our userfaultfd; open as long as anything is mapped */
static uint32_t flags;
static uint64_t requests;
static uint64_t ids;
static char trouble[1100];

static void begin(struct message *m, uint16_t type, uint64_t request) {
    memset(m->bytes, 0, HEADER);
    memcpy(m->bytes + 4, &type, 2);
    memcpy(m->bytes + 8, &request, 8);
    m->length = HEADER;
    m->fd = -1;
}

static void put32(struct message *m, uint32_t v) {
    memcpy(m->bytes + m->length, &v, 4);
    m->length += 4;
}

static void put64(struct message *m, uint64_t v) {
    memcpy(m->bytes + m->length, &v, 8);
    m->length += 8;
}

static uint64_t take(struct message *m, size_t bytes) {
    uint64_t v = 0;
    if (m->at + bytes <= m->length) {
        memcpy(&v, m->bytes + m->at, bytes);
    }
    m->at += bytes;
    return v;
}

static uint16_t type_of(const struct message *m) {
    uint16_t v;
    memcpy(&v, m->bytes + 4, 2);
    return v;
}

/* Returns 0, or -1 with `trouble` set. */
static int fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trouble, sizeof trouble, format, arguments);
    va_end(arguments);
    return -1;
}

static int transmit(struct message *m, int fd) {
    uint32_t length = (uint32_t) m->length;
    struct iovec piece = { m->bytes, m->length };
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
    struct msghdr header;
    memcpy(m->bytes, &length, 4);
    memset(&header, 0, sizeof header);
    memset(&control, 0, sizeof control);
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    if (fd >= 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    return sendmsg(connection, &header, MSG_NOSIGNAL) < 0 ? fail("sending: %s", strerror(errno)) : 0;
}

/* Returns 0, or -1 at the end of the connection. */
static int receive(struct message *m) {
    uint32_t length;
    struct iovec piece = { m->bytes, sizeof m->bytes };
    union { struct cmsghdr header; char bytes[CMSG_SPACE(8 * sizeof(int))]; } control;
    struct msghdr header;
    ssize_t n;
    memset(&header, 0, sizeof header);
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    do {
        n = recvmsg(connection, &header, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n < HEADER) {
        return -1;
    }
    memcpy(&length, m->bytes, 4);
    if (length != (uint32_t) n) {
        return -1;
    }
    m->length = (size_t) n;
    m->at = HEADER;
    m->fd = -1;
    if (header.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS) {
        memcpy(&m->fd, CMSG_DATA(&control.header), sizeof m->fd);
    }
    return 0;
}

/* One thread receives (listen_to_owner), and lays what is waited for here. */
static pthread_mutex_t mail = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static struct message *awaited; /* where the answer goes; its number is in its header */
static enum { NOTHING, ANSWER, AGAIN, END } came;

static uint64_t number_of(const struct message *m) {
    uint64_t v;
    memcpy(&v, m->bytes + 8, 8);
    return v;
}

/*
 * Sends a request and waits for its answer. When a new owner has taken over, the request is sent again: the
 * old one may or may not have performed it, and each may be performed twice.
 */
static int call(struct message *request, struct message *answer) {
    uint16_t status;
    int is_end;
    pthread_mutex_lock(&mail);
    memcpy(answer->bytes + 8, request->bytes + 8, 8);
    awaited = answer;
    do {
        came = came == END ? END : NOTHING;
        if (came != END) {
            /* That nobody receives it shows as the end. */
            transmit(request, -1);
        }
        while (came == NOTHING) {
            pthread_cond_wait(&arrived, &mail);
        }
    } while (came == AGAIN);
    awaited = NULL;
    is_end = came == END;
    pthread_mutex_unlock(&mail);
    if (is_end) {
        return fail("SHUT_DOWN the owner has ended");
    }
    memcpy(&status, answer->bytes + 6, 2);
    if (status != 0) {
        size_t length = (size_t) take(answer, 2);
        return fail("%d %.*s", status, (int) length, (char *) answer->bytes + answer->at);
    }
    return 0;
}

/* A message from the owner. */
static void deliver(struct message *m) {
    pthread_mutex_lock(&mail);
    if (type_of(m) == RESTARTED) {
        came = came == NOTHING ? AGAIN : came;
    } else if (came != ANSWER && awaited != NULL && number_of(m) == number_of(awaited)) {
        *awaited = *m;
        m->fd = -1;
        came = ANSWER;
    }
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&mail);
    if (m->fd >= 0) {
        close(m->fd);
    }
}

/* ---- the connection */

/* What must be had is all of Linux 6.6; what only volumes on hugetlbfs need is taken where it is. */
static const struct { unsigned bit; int is_needed; const char *name; } features[] = {
    { 5, 1, "missing faults on tmpfs" }, { 10, 1, "minor faults on tmpfs" },
    { 12, 1, "write protection on tmpfs" }, { 14, 1, "poison" },
    { 4, 0, "missing faults on hugetlbfs" }, { 9, 0, "minor faults on hugetlbfs" },
};

/*
 * A new userfaultfd. The device node grants all faults to whoever may open it, the system call to the
 * privileged; to everybody else only those of user mode: then a system call on a page that is not mapped
 * fails with EFAULT, and *is_limited is set.
 */
static int new_faults(int *is_limited) {
    int node = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    int fd = -1;
    if (node >= 0) {
        fd = ioctl(node, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
        close(node);
    }
    if (fd < 0) {
        fd = (int) syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0) {
        fd = (int) syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
        *is_limited = fd >= 0;
    }
    return fd;
}

static int open_faults(void) {
    struct uffdio_api offered = { .api = UFFD_API }, wanted = { .api = UFFD_API };
    int is_limited = 0;
    int probe = new_faults(&is_limited);
    if (probe < 0) {
        return fail("userfaultfd: %s; allow the system call in the seccomp profile, or give this user"
                " access to /dev/userfaultfd", strerror(errno));
    }
    if (ioctl(probe, UFFDIO_API, &offered) < 0) {
        return fail("userfaultfd: %s", strerror(errno));
    }
    close(probe);
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        if (offered.features >> features[i].bit & 1) {
            wanted.features |= (uint64_t) 1 << features[i].bit;
        } else if (features[i].is_needed) {
            return fail("this kernel's userfaultfd lacks %s; Linux 6.6 has it", features[i].name);
        }
    }
    faults = new_faults(&is_limited);
    if (faults < 0 || ioctl(faults, UFFDIO_API, &wanted) < 0) {
        return fail("userfaultfd: %s", strerror(errno));
    }
    if (is_limited) {
        fprintf(stderr, "note: page faults inside system calls are not served for this user;"
                " access to /dev/userfaultfd would change that\n");
    }
    return 0;
}

/* Connects; an owner that dies before it has answered is tried again, for the next to answer. */
static int connect_to(const char *path) {
    static struct message m;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        return fail("%s: too long for a socket", path);
    }
    strcpy(address.sun_path, path);
    for (int tries = 0; tries < GREETINGS; tries++) {
        connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (connection < 0
                || connect(connection, (struct sockaddr *) &address, sizeof address) < 0) {
            return fail("%s: %s", path, strerror(errno));
        }
        begin(&m, HELLO, 0);
        put32(&m, MAGIC);
        put32(&m, VERSION);
        if (transmit(&m, faults) == 0 && receive(&m) == 0 && type_of(&m) == HELLO) {
            if (take(&m, 4) != VERSION) {
                return fail("the owner speaks another version");
            }
            flags = (uint32_t) take(&m, 4);
            return 0;
        }
        close(connection);
    }
    return fail("%s: the owner ended the connection: another version, or too many clients", path);
}

/* ---- mappings */

struct mapping {
    uint64_t id;
    char *memory; /* NULL while there is none */
    uint64_t length;
};

static struct { char name[16]; struct mapping mapping; } mappings[NAMES];
/* Around every change of a mapping's memory. */
static pthread_mutex_t layout = PTHREAD_MUTEX_INITIALIZER;

/*
 * Receives, until the owner says that it ends, or has ended. Then nobody answers faults any more: memory that
 * answers accesses with SIGBUS takes the place of every mapping, and whoever waits in a fault is woken to see
 * it. Only then the connection is ended, which the owner waits for.
 */
static void *listen_to_owner(void *unused) {
    static struct message m;
    int empty = memfd_create("ended", MFD_CLOEXEC);
    (void) unused;
    while (receive(&m) == 0 && type_of(&m) != STOPPING) {
        deliver(&m);
    }
    pthread_mutex_lock(&layout);
    for (int i = 0; i < NAMES; i++) {
        struct mapping *mapping = &mappings[i].mapping;
        struct uffdio_range range = { (uint64_t) (uintptr_t) mapping->memory, mapping->length };
        if (mapping->memory != NULL) {
            mmap(mapping->memory, mapping->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                    empty, 0);
            ioctl(faults, UFFDIO_WAKE, &range);
        }
    }
    pthread_mutex_unlock(&layout);
    shutdown(connection, SHUT_RDWR);
    pthread_mutex_lock(&mail);
    came = END;
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&mail);
    return NULL;
}

/* Returns addresses without access, aligned so that huge pages fit; MAP_FAILED if there are none. */
static char *reserve(uint64_t length) {
    uint64_t all = length + HUGE_PAGE;
    char *base = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint64_t before = -(uint64_t) (uintptr_t) base % HUGE_PAGE;
    if (base == MAP_FAILED) {
        return base;
    }
    if (before > 0) {
        munmap(base, before);
    }
    munmap(base + before + length, all - before - length);
    return base + before;
}

/*
 * Lays the blocks of a mapping side by side. No access is allowed until the kernel reports faults to the
 * owner and the owner knows where the mapping lies: else a store could go past it.
 */
static int lay(struct mapping *mapping, uint64_t runs, int device) {
    static struct message request, answer;
    struct uffdio_register registration;
    uint64_t laid = 0, done = 0;
    char *base;
    pthread_mutex_lock(&layout);
    base = reserve(mapping->length);
    mapping->memory = base == MAP_FAILED ? NULL : base;
    pthread_mutex_unlock(&layout);
    if (base == MAP_FAILED) {
        return fail("mmap: %s", strerror(errno));
    }
    while (done < runs) {
        begin(&request, RUNS, ++requests);
        put64(&request, mapping->id);
        put64(&request, done);
        if (call(&request, &answer) < 0) {
            return -1;
        }
        while (answer.at < answer.length) {
            uint64_t block = take(&answer, 8);
            uint64_t bytes = take(&answer, 8) * 4096;
            if (bytes == 0 || bytes > mapping->length - laid) {
                return fail("a run past the end of the mapping");
            }
            if (mmap(base + laid, bytes, PROT_NONE, MAP_SHARED | MAP_FIXED, device,
                    (off_t) (block * 4096)) == MAP_FAILED) {
                return fail("mmap: %s", strerror(errno));
            }
            laid += bytes;
            done++;
        }
    }
    /* A child made by fork would have the memory without its faults being reported. */
    madvise(base, mapping->length, MADV_DONTFORK);
    memset(&registration, 0, sizeof registration);
    registration.range.start = (uint64_t) (uintptr_t) base;
    registration.range.len = mapping->length;
    registration.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP
            | UFFDIO_REGISTER_MODE_MINOR;
    if (laid != mapping->length || ioctl(faults, UFFDIO_REGISTER, &registration) < 0) {
        return fail("registering the faults: %s", strerror(errno));
    }
    begin(&request, ATTACH, ++requests);
    put64(&request, mapping->id);
    put64(&request, (uint64_t) (uintptr_t) base);
    return call(&request, &answer);
}

static int unmap(struct mapping *mapping) {
    static struct message request, answer;
    pthread_mutex_lock(&layout);
    if (mapping->memory != NULL) {
        munmap(mapping->memory, mapping->length);
        mapping->memory = NULL;
    }
    pthread_mutex_unlock(&layout);
    begin(&request, UNMAP, ++requests);
    put64(&request, mapping->id);
    return call(&request, &answer);
}

static int map(struct mapping *mapping, uint64_t file, int mode, uint64_t offset, uint64_t length) {
    static struct message request, answer;
    uint64_t runs;
    int device, result;
    mapping->id = ++ids;
    begin(&request, MAP, ++requests);
    put64(&request, mapping->id);
    put64(&request, file);
    put64(&request, offset);
    put64(&request, length);
    put32(&request, (uint32_t) mode);
    if (call(&request, &answer) < 0) {
        return -1;
    }
    runs = take(&answer, 8);
    mapping->length = take(&answer, 8);
    device = answer.fd;
    result = lay(mapping, runs, device);
    if (result == 0 && mprotect(mapping->memory, mapping->length,
            mode == 0 ? PROT_READ : PROT_READ | PROT_WRITE) < 0) {
        result = fail("mprotect: %s", strerror(errno));
    }
    close(device);
    if (result < 0) {
        char why[sizeof trouble];
        memcpy(why, trouble, sizeof why);
        unmap(mapping);
        memcpy(trouble, why, sizeof why);
    }
    return result;
}

/* What was stored before is on the medium when this returns. */
static int persist(struct mapping *mapping, uint64_t offset, uint64_t length) {
    static struct message request, answer;
    if (flags & PERSIST_BY_OWNER) {
        begin(&request, PERSIST, ++requests);
        put64(&request, mapping->id);
        put64(&request, offset);
        put64(&request, length);
        return call(&request, &answer);
    }
    for (uintptr_t line = (uintptr_t) (mapping->memory + offset) & ~(uintptr_t) 63;
            line < (uintptr_t) (mapping->memory + offset + length); line += 64) {
#if defined(__x86_64__)
        __asm__ volatile("clflush %0" : "+m"(*(volatile char *) line));
#elif defined(__aarch64__)
        __asm__ volatile("dc cvac, %0" : : "r"(line) : "memory");
#endif
    }
#if defined(__x86_64__)
    __asm__ volatile("sfence" : : : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("dsb ish" : : : "memory");
#endif
    return 0;
}

/* ---- commands */

static sigjmp_buf accessed;

static void on_bus_error(int signal) {
    (void) signal;
    siglongjmp(accessed, 1);
}

static struct { char name[16]; uint64_t id; } files[NAMES];
static int file_named(const char *name, int make) {
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(files[i].name, name) == 0) {
            return i;
        }
    }
    for (int i = 0; make && i < NAMES; i++) {
        if (files[i].name[0] == 0) {
            snprintf(files[i].name, sizeof files[i].name, "%s", name);
            files[i].id = ++ids;
            return i;
        }
    }
    return fail("no file %s", name);
}

static int mapping_named(const char *name, int make) {
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(mappings[i].name, name) == 0) {
            return i;
        }
    }
    for (int i = 0; make && i < NAMES; i++) {
        if (mappings[i].name[0] == 0) {
            snprintf(mappings[i].name, sizeof mappings[i].name, "%s", name);
            return i;
        }
    }
    return fail("no mapping %s", name);
}

/* A request about a file, with up to two numbers; returns what the answer begins with. */
static int file_call(int type, const char *name, int numbers, uint64_t a, uint64_t b,
        uint64_t *result) {
    static struct message request, answer;
    int i = file_named(name, 0);
    if (i < 0) {
        return -1;
    }
    begin(&request, (uint16_t) type, ++requests);
    put64(&request, files[i].id);
    if (type == FSYNC) {
        put32(&request, 0);
    }
    if (numbers > 0) {
        put64(&request, a);
    }
    if (numbers > 1) {
        put64(&request, b);
    }
    if (call(&request, &answer) < 0) {
        return -1;
    }
    if (result != NULL) {
        *result = take(&answer, 8);
    }
    return 0;
}

static int open_file(const char *name, const char *path, int is_read_only) {
    static struct message request, answer;
    int i = file_named(name, 1);
    uint16_t length = (uint16_t) strlen(path);
    if (i < 0) {
        return -1;
    }
    begin(&request, OPEN, ++requests);
    put64(&request, files[i].id);
    put32(&request, is_read_only ? 0 : OPEN_WRITE | OPEN_CREATE);
    put32(&request, 0644);
    memcpy(request.bytes + request.length, &length, 2);
    memcpy(request.bytes + request.length + 2, path, length);
    request.length += 2u + length;
    return call(&request, &answer);
}

static int map_file(const char *file, const char *name, const char *how, uint64_t offset,
        uint64_t length) {
    int mode = strcmp(how, "SYNC") == 0 ? 2 : strcmp(how, "SHARED") == 0 ? 1 : 0;
    int i = file_named(file, 0);
    int j = i < 0 ? -1 : mapping_named(name, 1);
    if (j < 0) {
        return -1;
    }
    if (map(&mappings[j].mapping, files[i].id, mode, offset, length) < 0) {
        mappings[j].name[0] = 0;
        return -1;
    }
    return 0;
}

static int access_memory(const char *name, uint64_t offset, const int64_t *store, int64_t *loaded) {
    int i = mapping_named(name, 0);
    volatile int64_t *word;
    if (i < 0 || offset % 8 != 0 || offset + 8 > mappings[i].mapping.length) {
        return fail("no such memory: %s %llu", name, (unsigned long long) offset);
    }
    if (sigsetjmp(accessed, 1) != 0) {
        return fail("bus error");
    }
    word = (volatile int64_t *) (mappings[i].mapping.memory + offset);
    if (store != NULL) {
        *word = *store;
    } else {
        *loaded = *word;
    }
    return 0;
}

static void perform(char *line) {
    char word[7][256] = { "" };
    uint64_t n[7];
    int64_t value = 0;
    uint64_t number = 0;
    int result, is_number = 0, i;
    sscanf(line, "%255s %255s %255s %255s %255s %255s", word[0], word[1], word[2], word[3], word[4],
            word[5]);
    for (i = 0; i < 7; i++) {
        n[i] = strtoull(word[i], NULL, 10);
    }
    if (strcmp(word[0], "open") == 0) {
        result = open_file(word[1], word[2], strcmp(word[3], "READ") == 0);
    } else if (strcmp(word[0], "close") == 0) {
        i = file_named(word[1], 0);
        result = file_call(CLOSE, word[1], 0, 0, 0, NULL);
        if (i >= 0) {
            files[i].name[0] = 0;
        }
    } else if (strcmp(word[0], "size") == 0) {
        result = file_call(STAT, word[1], 0, 0, 0, &number);
        value = (int64_t) number;
        is_number = 1;
    } else if (strcmp(word[0], "truncate") == 0) {
        result = file_call(TRUNCATE, word[1], 1, n[2], 0, NULL);
    } else if (strcmp(word[0], "punch") == 0) {
        result = file_call(PUNCH, word[1], 2, n[2], n[3], NULL);
    } else if (strcmp(word[0], "fsync") == 0) {
        result = file_call(FSYNC, word[1], 0, 0, 0, NULL);
    } else if (strcmp(word[0], "map") == 0) {
        result = map_file(word[1], word[2], word[3], n[4], n[5]);
    } else if (strcmp(word[0], "put") == 0) {
        value = (int64_t) n[3];
        result = access_memory(word[1], n[2], &value, NULL);
    } else if (strcmp(word[0], "get") == 0) {
        result = access_memory(word[1], n[2], NULL, &value);
        is_number = 1;
    } else if (strcmp(word[0], "persist") == 0) {
        i = mapping_named(word[1], 0);
        result = i < 0 ? -1 : persist(&mappings[i].mapping, n[2], n[3]);
    } else if (strcmp(word[0], "unmap") == 0) {
        i = mapping_named(word[1], 0);
        result = i < 0 ? -1 : unmap(&mappings[i].mapping);
        if (i >= 0) {
            mappings[i].name[0] = 0;
        }
    } else {
        result = fail("no command %s", word[0]);
    }
    if (result < 0) {
        printf("%s\n", trouble);
    } else if (is_number) {
        printf("%lld\n", (long long) value);
    } else {
        printf("ok\n");
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    char line[1024];
    struct sigaction action;
    pthread_t listener;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_bus_error;
    sigaction(SIGBUS, &action, NULL);
    if (argc != 2) {
        fprintf(stderr, "usage: %s SOCKET\n", argv[0]);
        return 2;
    }
    if (open_faults() < 0 || connect_to(argv[1]) < 0
            || pthread_create(&listener, NULL, listen_to_owner, NULL) != 0) {
        fprintf(stderr, "%s\n", trouble);
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        perform(line);
    }
    return 0;
}
