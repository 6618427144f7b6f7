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
