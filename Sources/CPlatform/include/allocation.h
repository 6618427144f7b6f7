#pragma once

/// Asks the C library to keep freed memory for later requests; does nothing where it cannot be asked.
void secant_keep_freed_memory(void);

/// Asks the system to back a range of memory that was just allocated by large pages.
void secant_prefer_large_pages(void *start, unsigned long bytes);
