import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// A precision in which a model is computed, for comparisons.
public enum ComparedPrecision: String, Hashable, Sendable, CaseIterable {
  /// Single precision, weights as they are.
  case f32
  /// Double precision, weights as they are.
  case f64
  /// Weights rounded to binary16, in single precision.
  case f16
  /// Weights rounded to bfloat16, in single precision.
  case bf16

  /// The format to which weights are rounded; nil for no rounding.
  var rounding: WeightRounding? {
    switch self {
    case .f32, .f64: nil
    case .f16: .f16
    case .bf16: .bf16
    }
  }

  /// The precision of a scalar, with weights as they are.
  static func own<S: Scalar>(of _: S.Type) -> ComparedPrecision {
    S.self == Double.self ? .f64 : .f32
  }

  /// The scalar of the computation.
  var scalar: any Scalar.Type { self == .f64 ? Double.self : Float.self }
}

extension Model {
  /// The same model in another precision.
  ///
  /// - Throws: That a weight is too large for the rounding's format.
  func computed<T: Scalar>(
    in _: T.Type, roundingWeightsTo rounding: WeightRounding?
  ) throws(InputError) -> Model<T> {
    if rounding == nil, let same = self as? Model<T> { return same }
    let decoder = try Decoder<T>(checkpoint, roundingWeightsTo: rounding)
    return Model<T>(
      name: name, checkpoint: checkpoint, decoder: decoder, tokenizer: tokenizer,
      identity: identity)
  }
}
