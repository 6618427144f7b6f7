// libFuzzer as a library, as compiler-rt documents it.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Parses libFuzzer's own options, and calls `reader` with inputs until they say to stop.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*reader)(const uint8_t *bytes, size_t count));
