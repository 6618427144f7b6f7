#pragma once

/// Asks the C library to keep freed memory for later requests; does nothing where it cannot be asked.
void secant_keep_freed_memory(void);
