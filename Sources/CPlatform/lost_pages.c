// Which mapped file a page belongs to is asked of the system, and only when the page is missing: so no table of
// files is kept, and none can be out of date.  Everything here may be called from a signal handler (POSIX
// signal-safety(7)): no memory is allocated, and no lock taken.

#ifdef __linux__
#define _DEFAULT_SOURCE
#endif
#include "lost_pages.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <libproc.h>
#endif

enum { longest_line = 8192 };

static volatile sig_atomic_t end_status;

/// Set by the first thread that misses a page; the others wait for the end that it brings.
static atomic_flag is_ending = ATOMIC_FLAG_INIT;

#if defined(__APPLE__)

/// Writes the path of the file that is mapped at an address; 0 where there is none.
static int mapped_file(uintptr_t address, char *path, size_t size) {
  return proc_regionfilename(getpid(), address, path, (uint32_t)size) > 0 && path[0] == '/';
}

#else

/// Reads one line of /proc/self/maps: "start-end mode offset device inode      path".
static int line_holds(const char *line, uintptr_t address) {
  uintptr_t bounds[2] = {0, 0};
  for (int bound = 0; bound < 2; bound++) {
    for (;; line++) {
      if (*line >= '0' && *line <= '9') {
        bounds[bound] = bounds[bound] << 4 | (uintptr_t)(*line - '0');
      } else if (*line >= 'a' && *line <= 'f') {
        bounds[bound] = bounds[bound] << 4 | (uintptr_t)(*line - 'a' + 10);
      } else {
        break;
      }
    }
    line++;
  }
  return bounds[0] <= address && address < bounds[1];
}

/// Writes the path of the file that is mapped at an address; 0 where there is none.
static int mapped_file(uintptr_t address, char *path, size_t size) {
  static char line[longest_line];
  char part[512];
  size_t length = 0;
  int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return 0;
  for (;;) {
    ssize_t count = read(maps, part, sizeof part);
    if (count <= 0) break;
    for (ssize_t index = 0; index < count; index++) {
      if (part[index] != '\n') {
        if (length < sizeof line - 1) line[length++] = part[index];
        continue;
      }
      line[length] = 0;
      length = 0;
      const char *start = strchr(line, '/');
      if (start == NULL || !line_holds(line, address)) continue;
      strncpy(path, start, size - 1);
      path[size - 1] = 0;
      close(maps);
      return 1;
    }
  }
  close(maps);
  return 0;
}

#endif

/// Writes a text to standard error, with a mark for what could steer a terminal.
static void say(const char *text) {
  static char line[longest_line];
  size_t length = 0;
  for (; *text != 0 && length < sizeof line; text++) {
    unsigned char byte = (unsigned char)*text;
    // Control characters: those of ASCII, and those that UTF-8 writes as C2 80 to C2 9F.
    int is_control = byte < 0x20 || byte == 0x7f ||
                     (byte == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0);
    if (is_control && byte == 0xc2) text++;
    line[length++] = is_control ? '?' : (char)byte;
  }
  ssize_t ignored = write(STDERR_FILENO, line, length);
  (void)ignored;
}

static void end_process(int signal_number, siginfo_t *info, void *context) {
  (void)signal_number;
  (void)context;
  static char path[longest_line];
  while (atomic_flag_test_and_set(&is_ending)) pause();
  if (!mapped_file((uintptr_t)info->si_addr, path, sizeof path)) {
    // The instruction is run again, and the system ends the process as it does by itself.
    signal(SIGBUS, SIG_DFL);
    return;
  }
  say("secant: ");
  say(path);
  say(": file: expected the bytes that it had when it was opened, found a shorter file; "
      "run the command again, and leave the file alone meanwhile");
  ssize_t ignored = write(STDERR_FILENO, "\n", 1);
  (void)ignored;
  _exit(end_status);
}

void secant_end_on_lost_pages(int status) {
  end_status = status;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = end_process;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, NULL);
}
