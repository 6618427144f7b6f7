// SHA-256 and SHA-1 of the platform: libmd on Linux, CommonCrypto on macOS.
#pragma once

#if defined(__APPLE__)
#include <CommonCrypto/CommonDigest.h>
typedef CC_SHA256_CTX secant_sha256;
typedef CC_SHA1_CTX secant_sha1;
#else
#include <sys/types.h>
#include <stdint.h>
#include <sha1.h>
#include <sha2.h>
typedef SHA2_CTX secant_sha256;
typedef SHA1_CTX secant_sha1;
#endif

/// The state before the first byte.
secant_sha256 secant_sha256_start(void);
secant_sha1 secant_sha1_start(void);

/// Adds bytes to what the digest is of.
void secant_sha256_update(secant_sha256 *state, const void *bytes, unsigned long count);
void secant_sha1_update(secant_sha1 *state, const void *bytes, unsigned long count);

/// Writes the digest, of 32 or 20 bytes; the state is of no use afterwards.
void secant_sha256_finish(secant_sha256 *state, unsigned char *digest);
void secant_sha1_finish(secant_sha1 *state, unsigned char *digest);
