#include "digests.h"

#if defined(__APPLE__)

// CommonCrypto takes at most 2^32 - 1 bytes a call.
static const unsigned long largest_part = 1ul << 30;

secant_sha256 secant_sha256_start(void) {
  secant_sha256 state;
  CC_SHA256_Init(&state);
  return state;
}

secant_sha1 secant_sha1_start(void) {
  secant_sha1 state;
  CC_SHA1_Init(&state);
  return state;
}

void secant_sha256_update(secant_sha256 *state, const void *bytes, unsigned long count) {
  const unsigned char *next = bytes;
  for (; count > largest_part; count -= largest_part, next += largest_part)
    CC_SHA256_Update(state, next, (CC_LONG)largest_part);
  CC_SHA256_Update(state, next, (CC_LONG)count);
}

void secant_sha1_update(secant_sha1 *state, const void *bytes, unsigned long count) {
  const unsigned char *next = bytes;
  for (; count > largest_part; count -= largest_part, next += largest_part)
    CC_SHA1_Update(state, next, (CC_LONG)largest_part);
  CC_SHA1_Update(state, next, (CC_LONG)count);
}

void secant_sha256_finish(secant_sha256 *state, unsigned char *digest) {
  CC_SHA256_Final(digest, state);
}

void secant_sha1_finish(secant_sha1 *state, unsigned char *digest) {
  CC_SHA1_Final(digest, state);
}

#else

secant_sha256 secant_sha256_start(void) {
  secant_sha256 state;
  SHA256Init(&state);
  return state;
}

secant_sha1 secant_sha1_start(void) {
  secant_sha1 state;
  SHA1Init(&state);
  return state;
}

void secant_sha256_update(secant_sha256 *state, const void *bytes, unsigned long count) {
  SHA256Update(state, bytes, count);
}

void secant_sha1_update(secant_sha1 *state, const void *bytes, unsigned long count) {
  SHA1Update(state, bytes, count);
}

void secant_sha256_finish(secant_sha256 *state, unsigned char *digest) {
  SHA256Final(digest, state);
}

void secant_sha1_finish(secant_sha1 *state, unsigned char *digest) { SHA1Final(digest, state); }

#endif
