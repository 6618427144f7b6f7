/// The type of a tensor's elements in a GGUF file; the raw value is its number there.
///
/// Elements are stored in blocks: successive elements of one row that share scales. Plain types have
/// blocks of one element. Types that exist only during a computation, and those that were withdrawn, are
/// not among them. Source: ggml's `ggml.h` and `ggml-common.h` (https://github.com/ggml-org/ggml).
public enum GGMLType: UInt32, CaseIterable, Hashable, Sendable {
  /// An IEEE 754 binary32 number.
  case f32 = 0
  /// An IEEE 754 binary16 number.
  case f16 = 1
  /// 4 bits and a scale.
  case q4_0 = 2
  /// 4 bits, a scale and a minimum.
  case q4_1 = 3
  /// 5 bits and a scale.
  case q5_0 = 6
  /// 5 bits, a scale and a minimum.
  case q5_1 = 7
  /// 8 bits and a scale.
  case q8_0 = 8
  /// 2 bits in groups of 16 with scales and minima of 4 bits.
  case q2_K = 10
  /// 3 bits in groups of 16 with scales of 6 bits.
  case q3_K = 11
  /// 4 bits in groups of 32 with scales and minima of 6 bits.
  case q4_K = 12
  /// 5 bits in groups of 32 with scales and minima of 6 bits.
  case q5_K = 13
  /// 6 bits in groups of 16 with scales of 8 bits.
  case q6_K = 14
  /// About 2.06 bits by a table of patterns.
  case iq2_xxs = 16
  /// About 2.31 bits by a table of patterns.
  case iq2_xs = 17
  /// About 3.06 bits by a table of patterns.
  case iq3_xxs = 18
  /// About 1.56 bits by a table of patterns.
  case iq1_s = 19
  /// 4 bits that index sixteen unequally spaced levels, and a scale.
  case iq4_nl = 20
  /// About 3.44 bits by a table of patterns.
  case iq3_s = 21
  /// About 2.5 bits by a table of patterns.
  case iq2_s = 22
  /// As `iq4_nl`, in groups of 32 with scales of 6 bits.
  case iq4_xs = 23
  /// A signed integer of 8 bits.
  case i8 = 24
  /// A signed integer of 16 bits.
  case i16 = 25
  /// A signed integer of 32 bits.
  case i32 = 26
  /// A signed integer of 64 bits.
  case i64 = 27
  /// An IEEE 754 binary64 number.
  case f64 = 28
  /// About 1.75 bits by a table of patterns.
  case iq1_m = 29
  /// The upper half of an IEEE 754 binary32 number.
  case bf16 = 30
  /// Three values, five of them in a byte.
  case tq1_0 = 34
  /// Three values of 2 bits.
  case tq2_0 = 35
  /// Floating-point numbers of 4 bits with a common exponent.
  case mxfp4 = 39

  /// The name that llama.cpp prints, such as "Q4_K".
  public var name: String { "\(self)".uppercased() }

  /// The same type, where it is one of single numbers.
  var elementType: ElementType? {
    switch self {
    case .f16: .f16
    case .bf16: .bf16
    case .f32: .f32
    case .f64: .f64
    case .i8: .i8
    case .i16: .i16
    case .i32: .i32
    case .i64: .i64
    default: nil
    }
  }

  /// The elements of one block, and the bytes that it takes.
  public var block: (elements: Int, bytes: Int) {
    switch self {
    case .i8: (1, 1)
    case .f16, .bf16, .i16: (1, 2)
    case .f32, .i32: (1, 4)
    case .f64, .i64: (1, 8)
    case .q4_0, .iq4_nl: (32, 18)
    case .q4_1: (32, 20)
    case .q5_0: (32, 22)
    case .q5_1: (32, 24)
    case .q8_0: (32, 34)
    case .mxfp4: (32, 17)
    case .q2_K: (256, 84)
    case .q3_K, .iq3_s: (256, 110)
    case .q4_K: (256, 144)
    case .q5_K: (256, 176)
    case .q6_K: (256, 210)
    case .iq2_xxs, .tq2_0: (256, 66)
    case .iq2_xs: (256, 74)
    case .iq2_s: (256, 82)
    case .iq3_xxs: (256, 98)
    case .iq1_s: (256, 50)
    case .iq1_m: (256, 56)
    case .iq4_xs: (256, 136)
    case .tq1_0: (256, 54)
    }
  }

  /// The bytes of a tensor whose rows have `shape.last` elements; nil if they overflow or a row is not a
  /// whole number of blocks.
  func byteCount(of shape: [Int]) -> Int? {
    let (elements, bytes) = block
    let rowLength = shape.last ?? 1
    guard rowLength.isMultiple(of: elements) else { return nil }
    // Extents of 0 count as 1 here, so that the product over some of the dimensions is bounded too, and so
    // is the number of elements where they take less than a byte.
    var bound = max(rowLength / elements, 1)
    for factor in [max(bytes, elements)] + shape.dropLast() {
      let (product, overflow) = bound.multipliedReportingOverflow(by: max(factor, 1))
      if overflow { return nil }
      bound = product
    }
    return shape.dropLast().reduce(rowLength / elements * bytes, *)
  }
}
