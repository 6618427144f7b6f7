// The unpacking of every type, in plain loops that the compiler turns into the vector instructions of
// the target for which this file is included: blocks.c includes it once for each, with TARGET(name)
// giving every function a name of its own.
//
// Every product and sum is rounded by itself, in the order of the reference implementation (gguf-py's
// quants.py), so results agree with it bit for bit: contraction to fused operations is off.
// Layouts: ggml-common.h (https://github.com/ggml-org/ggml), block_q4_0 to block_iq4_xs.

// Before a loop so short that the compiler would unroll it before it can see that it vectorizes.
#ifndef WHOLE
#define WHOLE _Pragma("clang loop vectorize(enable) unroll(disable)")
#endif

// The lower, then the upper four bits of 16 bytes: a loop over all of them is one that vectorizes.
static inline void TARGET(nibbles)(const uint8_t *restrict q, uint8_t *restrict y) {
  for (int i = 0; i < 16; i++) {
    y[i] = q[i] & 15;
    y[16 + i] = q[i] >> 4;
  }
}

// 32 elements: a half d, then 16 bytes whose lower and upper four bits are elements 0–15 and 16–31.
static void TARGET(q4_0)(const uint8_t *restrict b, long count, float *restrict y) {
  uint8_t q[32];
  for (; count > 0; count--, b += 18, y += 32) {
    const float d = half(b);
    TARGET(nibbles)(b + 2, q);
    for (int i = 0; i < 32; i++) y[i] = d * (float)(q[i] - 8);
  }
}

// As q4_0, with a minimum m after d.
static void TARGET(q4_1)(const uint8_t *restrict b, long count, float *restrict y) {
  uint8_t q[32];
  for (; count > 0; count--, b += 20, y += 32) {
    const float d = half(b), m = half(b + 2);
    TARGET(nibbles)(b + 4, q);
    for (int i = 0; i < 32; i++) y[i] = d * (float)q[i] + m;
  }
}

// As q4_0, with 32 fifth bits between.
static void TARGET(q5_0)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 22, y += 32) {
    const float d = half(b);
    const uint32_t high = word(b + 2);
    for (int i = 0; i < 16; i++) {
      y[i] = d * (float)((int)((b[6 + i] & 15u) | (high >> i << 4 & 16)) - 16);
    }
    for (int i = 0; i < 16; i++) {
      y[16 + i] = d * (float)((int)((uint32_t)b[6 + i] >> 4 | (high >> i >> 12 & 16)) - 16);
    }
  }
}

// As q5_0, with a minimum m after d.
static void TARGET(q5_1)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 24, y += 32) {
    const float d = half(b), m = half(b + 2);
    const uint32_t high = word(b + 4);
    for (int i = 0; i < 16; i++) {
      y[i] = d * (float)(int)((b[8 + i] & 15u) | (high >> i << 4 & 16)) + m;
    }
    for (int i = 0; i < 16; i++) {
      y[16 + i] = d * (float)(int)((uint32_t)b[8 + i] >> 4 | (high >> i >> 12 & 16)) + m;
    }
  }
}

// 32 elements: a half d and 32 signed bytes.
static void TARGET(q8_0)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 34, y += 32) {
    const float d = half(b);
    for (int i = 0; i < 32; i++) y[i] = (float)(int8_t)b[2 + i] * d;
  }
}

// 256 elements: 16 bytes of scale and minimum of 4 bits each for 16 elements, 64 bytes of 2 bits, d, d of
// the minima.
static void TARGET(q2_K)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 84, y += 256) {
    const float d = half(b + 80), dm = half(b + 82);
    for (int part = 0; part < 16; part++) {
      const uint8_t *q = b + 16 + part / 8 * 32 + part % 2 * 16;
      const int shift = part / 2 % 4 * 2;
      const float scale = d * (float)(b[part] & 15), minimum = dm * (float)(b[part] >> 4);
      WHOLE for (int i = 0; i < 16; i++) {
        y[16 * part + i] = scale * (float)(q[i] >> shift & 3) - minimum;
      }
    }
  }
}

// 256 elements: 32 bytes of third bits, 64 bytes of 2 bits, 16 scales of 6 bits in 12 bytes, d.
static void TARGET(q3_K)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 110, y += 256) {
    const float d = half(b + 108);
    const uint8_t *scales = b + 96;
    for (int part = 0; part < 16; part++) {
      const int low = part < 8 ? scales[part] & 15 : scales[part - 8] >> 4;
      const int high = scales[8 + part % 4] >> part / 4 * 2 & 3;
      const float scale = d * (float)((low | high << 4) - 32);
      const uint8_t *q = b + 32 + part / 8 * 32 + part % 2 * 16, *h = b + part % 2 * 16;
      const int shift = part / 2 % 4 * 2, bit = part / 2;
      // A third bit that is set stands for 0, one that is not for -4.
      WHOLE for (int i = 0; i < 16; i++) {
        y[16 * part + i] = scale * (float)((q[i] >> shift & 3) + (h[i] >> bit & 1) * 4 - 4);
      }
    }
  }
}

// 256 elements: d, d of the minima, 8 scales and 8 minima of 6 bits in 12 bytes, 128 bytes of 4 bits.
static void TARGET(q4_K)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 144, y += 256) {
    const float d = half(b), dm = half(b + 2);
    for (int part = 0; part < 4; part++) {
      const struct scale a = scale(b + 4, 2 * part), c = scale(b + 4, 2 * part + 1);
      const uint8_t *q = b + 16 + 32 * part;
      const float scale0 = d * (float)a.scale, minimum0 = dm * (float)a.minimum;
      const float scale1 = d * (float)c.scale, minimum1 = dm * (float)c.minimum;
      float *target = y + 64 * part;
      for (int i = 0; i < 32; i++) target[i] = scale0 * (float)(q[i] & 15) - minimum0;
      for (int i = 0; i < 32; i++) target[32 + i] = scale1 * (float)(q[i] >> 4) - minimum1;
    }
  }
}

// As q4_K, with 32 bytes of fifth bits before the others.
static void TARGET(q5_K)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 176, y += 256) {
    const float d = half(b), dm = half(b + 2);
    const uint8_t *h = b + 16;
    for (int part = 0; part < 4; part++) {
      const struct scale a = scale(b + 4, 2 * part), c = scale(b + 4, 2 * part + 1);
      const uint8_t *q = b + 48 + 32 * part;
      const float scale0 = d * (float)a.scale, minimum0 = dm * (float)a.minimum;
      const float scale1 = d * (float)c.scale, minimum1 = dm * (float)c.minimum;
      float *target = y + 64 * part;
      for (int i = 0; i < 32; i++) {
        target[i] = scale0 * (float)((q[i] & 15) | (h[i] >> 2 * part & 1) << 4) - minimum0;
      }
      for (int i = 0; i < 32; i++) {
        target[32 + i] = scale1 * (float)(q[i] >> 4 | (h[i] >> 2 * part & 2) << 3) - minimum1;
      }
    }
  }
}

// 256 elements: 128 bytes of 4 bits, 64 bytes of 2 bits above them, 16 signed scales, d.
static void TARGET(q6_K)(const uint8_t *restrict b, long count, float *restrict y) {
  int8_t v[128];
  for (; count > 0; count--, b += 210) {
    const float d = half(b + 208);
    for (int part = 0; part < 2; part++, y += 128) {
      const uint8_t *q = b + 64 * part, *h = b + 128 + 32 * part;
      for (int i = 0; i < 32; i++) {
        v[i] = (int8_t)(((q[i] & 15) | (h[i] << 4 & 48)) - 32);
        v[32 + i] = (int8_t)(((q[32 + i] & 15) | (h[i] << 2 & 48)) - 32);
        v[64 + i] = (int8_t)((q[i] >> 4 | (h[i] & 48)) - 32);
        v[96 + i] = (int8_t)((q[32 + i] >> 4 | (h[i] >> 2 & 48)) - 32);
      }
      for (int group = 0; group < 8; group++) {
        const float scale = d * (float)(int8_t)b[192 + 8 * part + group];
        WHOLE for (int i = 0; i < 16; i++) y[16 * group + i] = scale * (float)v[16 * group + i];
      }
    }
  }
}

// As q4_0, but that four bits index a table of levels.
static void TARGET(iq4_nl)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 18, y += 32) TARGET(levels)(b + 2, level, half(b), y);
}

// 256 elements: d, 8 scales of 6 bits whose upper two come first, 128 bytes as in iq4_nl.
static void TARGET(iq4_xs)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 136, y += 256) {
    const float d = half(b);
    const int above = b[2] | b[3] << 8;
    for (int part = 0; part < 8; part++) {
      const int low = b[4 + part / 2] >> part % 2 * 4 & 15;
      const int scale = (low | (above >> 2 * part & 3) << 4) - 32;
      TARGET(levels)(b + 8 + 16 * part, level, d * (float)scale, y + 32 * part);
    }
  }
}

static unpacking *TARGET(unpacking_of)(unsigned type) {
  switch (type) {
    case 2: return TARGET(q4_0);
    case 3: return TARGET(q4_1);
    case 6: return TARGET(q5_0);
    case 7: return TARGET(q5_1);
    case 8: return TARGET(q8_0);
    case 10: return TARGET(q2_K);
    case 11: return TARGET(q3_K);
    case 12: return TARGET(q4_K);
    case 13: return TARGET(q5_K);
    case 14: return TARGET(q6_K);
    case 20: return TARGET(iq4_nl);
    case 16: return TARGET(iq2_xxs);
    case 17: return TARGET(iq2_xs);
    case 18: return TARGET(iq3_xxs);
    case 19: return TARGET(iq1_s);
    case 21: return TARGET(iq3_s);
    case 22: return TARGET(iq2_s);
    case 23: return TARGET(iq4_xs);
    case 29: return TARGET(iq1_m);
    case 34: return TARGET(tq1_0);
    case 35: return TARGET(tq2_0);
    case 39: return TARGET(mxfp4);
    default: return 0;
  }
}
