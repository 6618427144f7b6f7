#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <libproc.h>
#endif

// A handler is called with nothing but the signal's number, so that where it writes to has to be known to
// the whole program.
static int written_end = -1;

/// Writes the signal's number to the pipe: of what could be done here, little else is allowed.
static void note(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // The pipe is full only if thousands of signals wait in it; one more changes nothing.
  ssize_t ignored = write(written_end, &byte, 1);
  (void)ignored;
  errno = saved;
}

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

void secant_hear_ending_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 3; i++) sigaddset(&set, ending[i]);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int secant_take_ending_signals(void) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  written_end = ends[1];
  // A handler, and not a blocked signal that some thread waits for: threads that libraries began before
  // `main` have not blocked it, and the program would die of it there.
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  for (int i = 0; i < 3; i++) {
    if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaction(ending[i], &action, NULL);
    }
  }
  return ends[0];
}

int secant_next_signal(int descriptor) {
  unsigned char byte = 0;
  while (read(descriptor, &byte, 1) != 1) {
    if (errno != EINTR) pause();
  }
  return byte;
}

void secant_end_by_signal(int number) {
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
  _exit(128 + number);
}

void secant_begin_session_anew(void) {
  char *arguments[] = {"secant", "session", NULL};
#if defined(__APPLE__)
  char path[PROC_PIDPATHINFO_MAXSIZE];
  if (proc_pidpath(getpid(), path, sizeof path) > 0) execv(path, arguments);
#else
  execv("/proc/self/exe", arguments);
#endif
}

void secant_let_writes_fail(void) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

void secant_hold_standard_streams(void) {
  for (int descriptor = 0; descriptor < 3; descriptor++) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest number that is free, which is this one.
    open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
  }
}
