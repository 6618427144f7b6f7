#ifdef __linux__
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif
#include "allocation.h"

#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void secant_keep_freed_memory(void) {
#ifdef __GLIBC__
  // 32 MB is the most that glibc accepts; larger blocks are rare enough to be mapped each time.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

void secant_prefer_large_pages(void *start, unsigned long bytes) {
#ifdef __linux__
  const unsigned long page = 2ul << 20;
  const unsigned long first = ((unsigned long)start + page - 1) & ~(page - 1);
  const unsigned long last = ((unsigned long)start + bytes) & ~(page - 1);
  // Only advice: where the system does not follow it, the memory is the same, but slower to touch.
  if (last > first) madvise((void *)first, last - first, MADV_HUGEPAGE);
#endif
}
