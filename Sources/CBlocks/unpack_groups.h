// The unpacking of numbers whose scales lie apart from them, in plain loops as in unpack.h; blocks.c
// includes this file too once for each target.
//
// Products and sums are rounded one by one, as the formulas beside the declarations in blocks.h say.

static void TARGET(affine4)(const uint8_t *restrict b, long count, long size,
                            const float *restrict scales, const float *restrict offsets,
                            float *restrict y) {
  uint8_t q[32];
  for (; count > 0; count--, scales++, offsets++) {
    const float d = *scales, m = *offsets;
    for (long part = 0; part < size; part += 32, b += 16, y += 32) {
      for (int i = 0; i < 16; i++) {
        q[2 * i] = b[i] & 15;
        q[2 * i + 1] = b[i] >> 4;
      }
      for (int i = 0; i < 32; i++) y[i] = d * (float)q[i] + m;
    }
  }
}

static void TARGET(affine8)(const uint8_t *restrict b, long count, long size,
                            const float *restrict scales, const float *restrict offsets,
                            float *restrict y) {
  for (; count > 0; count--, scales++, offsets++, b += size, y += size) {
    const float d = *scales, m = *offsets;
    for (long i = 0; i < size; i++) y[i] = d * (float)b[i] + m;
  }
}

static void TARGET(levels4)(const uint8_t *restrict b, long count, long size,
                            const float *restrict level, const float *restrict scales,
                            float *restrict y) {
  float table[16];
  for (; count > 0; count -= size, scales++, b += size / 2, y += size) {
    for (int i = 0; i < 16; i++) table[i] = level[i] * *scales;
    const long end = count < size ? count : size;
    long i = 0;
    for (; i + 32 <= end; i += 32) TARGET(chosen)(b + i / 2, table, 0, y + i);
    for (; i < end; i++) y[i] = table[i % 2 ? b[i / 2] & 15 : b[i / 2] >> 4];
  }
}

static void TARGET(e4m3)(const uint8_t *restrict b, long count, long size,
                         const float *restrict scales, float *restrict y) {
  for (; count > 0; count -= size, scales++, b += size, y += size) {
    const long end = count < size ? count : size;
    const float d = *scales;
    long i = 0;
    for (; i + 16 <= end; i += 16) TARGET(eighths)(b + i, d, y + i);
    for (; i < end; i++) y[i] = d * eighth(b[i]);
  }
}
