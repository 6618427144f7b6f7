import SecantDecoders
import SecantOperators
import SecantReports

/// What each token gave to an output: `y = Σ_i J_i x_i + b`, term by term.
///
/// Sums over tokens and over components are accumulated in double precision, so that what is left
/// of the difference to y is the rounding of the maps alone.
struct Contributions<S: Scalar>: Sendable {
  /// `J_i x_i` for every token up to the position, `[p + 1, d]`.
  let terms: Matrix<S>
  /// b `[d]`.
  let offset: [S]
  /// y `[d]`, as the forward pass gave it.
  let output: [S]

  /// Terms `[p + 1, d]`, an offset and an output that were computed elsewhere.
  init(terms: Matrix<S>, offset: [S], output: [S]) {
    self.terms = terms
    self.offset = offset
    self.output = output
  }

  /// The terms of a site at a position, each carried by itself from its token on.
  ///
  /// Costs 2·P operations for each of the (p + 1)(p + 2)/2 pairs of a token and a position that it reaches: for
  /// a share of one target an adjoint pass is enough.
  ///
  /// - Parameters:
  ///   - linearization: The frozen decoder.
  ///   - site: Where the output is read.
  ///   - position: The position p at which it is read.
  ///   - sweeps: Tokens that are carried at once, together all of `0...p`.
  init(
    _ linearization: Linearization<S>, to site: Site, position: Int, sweeps: [[Int]]
  ) {
    let family = linearization.jacobians(to: site, position: position)
    let parts = sweeps.flatMap { tokens in
      family.starting(at: tokens).apply(tokens.map { linearization.input.rows($0..<$0 + 1) })
    }
    terms = .stacking(parts, columns: family.outputWidth)
    offset = linearization.offset(to: site, position: position)
    output = linearization.output(at: site, position: position)
  }

  /// `Σ_i J_i x_i + b − y`, component by component.
  var error: [Double] {
    var sum = zip(offset, output).map { Double($0) - Double($1) }
    for token in 0..<terms.rows {
      for (index, value) in terms.row(token).enumerated() { sum[index] += Double(value) }
    }
    return sum
  }

  /// The dot products of a direction `[d]` with every term, and with the offset.
  func shares(of direction: [S]) -> (tokens: [Double], bias: Double) {
    let tokens = (0..<terms.rows).map { Kernels.dot(direction.span, terms.row($0).span) }
    return (tokens, Kernels.dot(direction.span, offset.span))
  }

  /// Whether everything is a finite number.
  var isFinite: Bool {
    terms.norm.isFinite && offset.allSatisfy(\.isFinite) && output.allSatisfy(\.isFinite)
  }
}

/// The Euclidean norm of numbers in double precision.
func norm(_ values: [Double]) -> Double {
  values.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

/// The standard deviation of numbers about their mean, with n in the denominator.
func standardDeviation(_ values: [Double]) -> Double {
  let count = Double(max(1, values.count))
  let mean = values.reduce(0, +) / count
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
}

extension Contributions {
  /// How exactly the terms add up to the output.
  var reconstruction: ExplanationReport.Reconstruction {
    .init(
      error: error, output: output.map(Double.init), offset: offset.map(Double.init))
  }
}
