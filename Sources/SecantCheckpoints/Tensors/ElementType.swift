/// The type of a stored number; the raw value is its spelling in safetensors.
///
/// Secant computes with the floating-point types of 16 bits or more. The others are known so that a
/// file that holds some can be opened and inspected. Cases stand in ascending order of the alignment that the
/// safetensors library gives them: it stores tensors in descending order.
public enum ElementType: String, CaseIterable, Hashable, Sendable {
  /// A truth value in one byte.
  case bool = "BOOL"
  /// An unsigned integer of 8 bits.
  case u8 = "U8"
  /// A signed integer of 8 bits.
  case i8 = "I8"
  /// A floating-point number of 8 bits, 5 of them exponent.
  case f8e5m2 = "F8_E5M2"
  /// A floating-point number of 8 bits, 4 of them exponent.
  case f8e4m3 = "F8_E4M3"
  /// A signed integer of 16 bits.
  case i16 = "I16"
  /// An unsigned integer of 16 bits.
  case u16 = "U16"
  /// An IEEE 754 binary16 number.
  case f16 = "F16"
  /// The upper half of an IEEE 754 binary32 number.
  case bf16 = "BF16"
  /// A signed integer of 32 bits.
  case i32 = "I32"
  /// An unsigned integer of 32 bits.
  case u32 = "U32"
  /// An IEEE 754 binary32 number.
  case f32 = "F32"
  /// An IEEE 754 binary64 number.
  case f64 = "F64"
  /// A signed integer of 64 bits.
  case i64 = "I64"
  /// An unsigned integer of 64 bits.
  case u64 = "U64"

  /// The number of bytes that one element takes.
  public var width: Int {
    switch self {
    case .bool, .u8, .i8, .f8e5m2, .f8e4m3: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .f64, .i64, .u64: 8
    }
  }

  /// Whether Secant computes with elements of this type: `f16`, `bf16`, `f32` and `f64`.
  public var isComputable: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    default: false
    }
  }

  /// The type that stores exactly the values of `Float` or `Double`; nil for other scalars.
  public init?<Scalar: BinaryFloatingPoint>(of scalar: Scalar.Type) {
    if scalar == Float.self {
      self = .f32
    } else if scalar == Double.self {
      self = .f64
    } else {
      return nil
    }
  }
}
