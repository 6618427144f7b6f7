import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// With which numbers a model is computed, where several are compared.
public enum ComparedPrecision: String, Hashable, Sendable, CaseIterable {
  /// Single precision, weights as they are.
  case f32
  /// Double precision, weights as they are.
  case f64
  /// Weights rounded to binary16, in single precision.
  case f16
  /// Weights rounded to bfloat16, in single precision.
  case bf16

  /// What weights are rounded to; nil where they are used as they are.
  var rounding: WeightRounding? {
    switch self {
    case .f32, .f64: nil
    case .f16: .f16
    case .bf16: .bf16
    }
  }

  /// The scalar that is computed with.
  var scalar: any Scalar.Type { self == .f64 ? Double.self : Float.self }
}

extension Model {
  /// The same model, computed with other numbers.
  ///
  /// - Throws: That a weight is too large for the format that weights are rounded to.
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
