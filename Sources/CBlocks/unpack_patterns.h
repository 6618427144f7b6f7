// The unpacking of types whose blocks name patterns of eight or four numbers, and of those with three values
// or a common exponent, in plain loops as in unpack.h; blocks.c includes this file too once for each target.
//
// Products and sums are rounded one by one, in the order of gguf-py's quants.py. Layouts: ggml-common.h,
// block_iq2_xxs to block_tq2_0 and block_mxfp4. All have 256 elements but mxfp4, and d is a half.

// Eight numbers of a pattern of 2 bits each, times a scale, negative where a bit of `signs` is set.
static inline void TARGET(eight)(uint32_t pattern, const float *restrict values, float scale,
                                 uint32_t signs, float *restrict y) {
  for (int i = 0; i < 8; i++) {
    const float value = scale * values[pattern >> 2 * i & 3];
    y[i] = signs >> i & 1 ? -value : value;
  }
}

// The same of two patterns of four numbers of 3 bits each.
static inline void TARGET(twice_four)(uint32_t first, uint32_t second,
                                      const float *restrict values, float scale, uint32_t signs,
                                      float *restrict y) {
  const uint32_t pattern = first | second << 12;
  for (int i = 0; i < 8; i++) {
    const float value = scale * values[pattern >> 3 * i & 7];
    y[i] = signs >> i & 1 ? -value : value;
  }
}

// Eight numbers of a pattern of -1, 0 and 1, each with a shift added, times a scale.
static inline void TARGET(shifted)(uint32_t pattern, float shift, float scale, float *restrict y) {
  for (int i = 0; i < 8; i++) y[i] = scale * ((float)((int)(pattern >> 2 * i & 3) - 1) + shift);
}

// d, then for each 32 elements four bytes that name patterns, and four of signs and a scale of 4 bits.
static void TARGET(iq2_xxs)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 66) {
    for (int part = 0; part < 8; part++) {
      const uint8_t *q = b + 2 + 8 * part;
      const uint32_t rest = word(q + 4);
      const float scale = half(b) * (0.5f + (float)(rest >> 28)) * 0.25f;
      for (int i = 0; i < 4; i++, y += 8) {
        TARGET(eight)(iq2_xxs_patterns[q[i]], of_three, scale, eight_signs(rest >> 7 * i & 127), y);
      }
    }
  }
}

// d, 32 pairs of bytes of a pattern's 9 bits and 7 of signs, 16 scales of 4 bits.
static void TARGET(iq2_xs)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 74) {
    for (int i = 0; i < 32; i++, y += 8) {
      const uint32_t q = b[2 + 2 * i] | (uint32_t)b[3 + 2 * i] << 8;
      const int level = b[66 + i / 4] >> i / 2 % 2 * 4 & 15;
      const float scale = half(b) * (0.5f + (float)level) * 0.25f;
      TARGET(eight)(iq2_xs_patterns[q & 511], of_three, scale, eight_signs(q >> 9), y);
    }
  }
}

// d, 32 bytes of patterns, 32 of signs, 8 with the patterns' upper two bits, 16 scales of 4 bits.
static void TARGET(iq2_s)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 82) {
    for (int i = 0; i < 32; i++, y += 8) {
      const uint32_t q = b[2 + i] | (b[66 + i / 4] >> i % 4 * 2 & 3u) << 8;
      const int level = b[74 + i / 4] >> i / 2 % 2 * 4 & 15;
      const float scale = half(b) * (0.5f + (float)level) * 0.25f;
      TARGET(eight)(iq2_s_patterns[q], of_three, scale, b[34 + i], y);
    }
  }
}

// d, 64 bytes of patterns of four, then as in iq2_xxs signs and a scale for each 32 elements.
static void TARGET(iq3_xxs)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 98) {
    for (int i = 0; i < 32; i++, y += 8) {
      const uint32_t rest = word(b + 66 + i / 4 * 4);
      const float scale = half(b) * (0.5f + (float)(rest >> 28)) * 0.5f;
      TARGET(twice_four)
      (iq3_xxs_patterns[b[2 + 2 * i]], iq3_xxs_patterns[b[3 + 2 * i]], of_eight, scale,
       eight_signs(rest >> i % 4 * 7 & 127), y);
    }
  }
}

// d, 64 bytes of patterns of four, 8 with their ninth bits, 32 of signs, 8 scales of 4 bits.
static void TARGET(iq3_s)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 110) {
    for (int i = 0; i < 32; i++, y += 8) {
      const uint32_t above = b[66 + i / 4] >> i % 4 * 2;
      const uint32_t first = b[2 + 2 * i] | (above & 1) << 8;
      const uint32_t second = b[3 + 2 * i] | (above & 2) << 7;
      const int level = b[106 + i / 8] >> i / 4 % 2 * 4 & 15;
      TARGET(twice_four)
      (iq3_s_patterns[first], iq3_s_patterns[second], odds, half(b) * (float)(1 + 2 * level),
       b[74 + i], y);
    }
  }
}

// d, 32 bytes of patterns, then for each 32 elements two bytes: three more bits of four patterns, a scale of
// 3 bits, and the sign of a shift.
static void TARGET(iq1_s)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 50) {
    for (int i = 0; i < 32; i++, y += 8) {
      const uint32_t h = b[34 + i / 4 * 2] | (uint32_t)b[35 + i / 4 * 2] << 8;
      const uint32_t q = b[2 + i] | (h >> i % 4 * 3 & 7) << 8;
      TARGET(shifted)
      (iq1_s_patterns[q], h >> 15 ? -0.125f : 0.125f, half(b) * (float)(2 * (h >> 12 & 7) + 1), y);
    }
  }
}

// 32 bytes of patterns, 32 times three more bits and the sign of a shift, and four pairs of bytes, each with
// four scales of 3 bits and a quarter of d.
static void TARGET(iq1_m)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 56) {
    const float d = widened(quarters(b + 48));
    for (int i = 0; i < 32; i++, y += 8) {
      const uint32_t h = b[32 + i / 2] >> i % 2 * 4 & 15u;
      const uint8_t *s = b + 48 + i / 8 * 2;
      const uint32_t level = (s[0] | (uint32_t)s[1] << 8) >> i / 2 % 4 * 3 & 7;
      TARGET(shifted)
      (iq1_s_patterns[b[i] | (h & 7) << 8], h & 8 ? -0.125f : 0.125f, d * (float)(2 * level + 1),
       y);
    }
  }
}

// 48 bytes of five digits to the base 3 each, four bytes of four, d. A byte's first digit is its highest.
static void TARGET(tq1_0)(const uint8_t *restrict b, long count, float *restrict y) {
  static const uint8_t power[5] = {1, 3, 9, 27, 81};
  for (; count > 0; count--, b += 54) {
    const float d = half(b + 52);
    const struct {
      int start, bytes, digits;
    } parts[3] = {{0, 32, 5}, {32, 16, 5}, {48, 4, 4}};
    for (int part = 0; part < 3; part++) {
      for (int n = 0; n < parts[part].digits; n++) {
        for (int i = 0; i < parts[part].bytes; i++) {
          const uint8_t q = (uint8_t)(b[parts[part].start + i] * power[n]);
          *y++ = d * (float)((q * 3 >> 8) - 1);
        }
      }
    }
  }
}

// 64 bytes of four numbers of 2 bits each, d.
static void TARGET(tq2_0)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 66) {
    const float d = half(b + 64);
    for (int part = 0; part < 8; part++, y += 32) {
      const uint8_t *q = b + part / 4 * 32;
      const int shift = part % 4 * 2;
      for (int i = 0; i < 32; i++) y[i] = d * (float)((q[i] >> shift & 3) - 1);
    }
  }
}

// 32 elements: an exponent of 8 bits, 16 bytes of numbers of 4 bits, the lower ones first.
static void TARGET(mxfp4)(const uint8_t *restrict b, long count, float *restrict y) {
  for (; count > 0; count--, b += 17, y += 32) {
    TARGET(levels)(b + 1, doubled, power_of_two(b[0]), y);
  }
}

// The same with the exponents apart, and the two numbers of a byte side by side.
static void TARGET(mxfp4_apart)(const uint8_t *restrict b, const uint8_t *restrict exponents,
                                long count, float *restrict y) {
  float table[16];
  for (; count > 0; count--, b += 16, exponents++, y += 32) {
    const float d = power_of_two(*exponents);
    for (int i = 0; i < 16; i++) table[i] = d * doubled_with_zeros[i];
    TARGET(chosen)(b, table, 1, y);
  }
}
