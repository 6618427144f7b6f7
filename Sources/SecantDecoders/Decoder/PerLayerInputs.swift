import RealModule
public import SecantOperators

/// What gives every block a vector of its own for each position: its per-layer input.
///
/// Block n gets `p_n = (norm(W_m x_0) + e) / √2`. Here x_0 is the vector that enters block 0, and e is the vector
/// of the token itself for this block. Rows and columns of block n are the n-th w of each matrix.
/// Source: Gemma 4's smaller sizes.
public struct PerLayerInputs<S: Scalar>: Sendable {
  /// The tokens' vectors for all blocks `[V, L·w]`, with their factor √w.
  public let embedding: Weight<S>
  /// W_m `[L·w, d]`, with its factor 1/√d.
  public let projection: Weight<S>
  /// The norm of what W_m gives to a block, of w numbers.
  public let norm: Normalization<S>
  /// w: the width of a block's vector.
  public let width: Int

  /// Per-layer inputs from their weights, factors included.
  public init(
    embedding: Weight<S>, projection: Weight<S>, norm: Normalization<S>, width: Int
  ) {
    precondition(
      embedding.inputWidth == projection.outputWidth && norm.weight.count == width,
      "per-layer inputs of other widths")
    (self.embedding, self.projection) = (embedding, projection)
    (self.norm, self.width) = (norm, width)
  }

  /// Whether an adapter adds something to what they are made of.
  var isAdapted: Bool { embedding.adaptation != nil || projection.adaptation != nil }

  /// The factor of the sum of both parts.
  fileprivate var factor: S { 1 / S.sqrt(2) }

  /// The part of W_m that belongs to a block, `[w, d]`.
  fileprivate func projection(ofBlock n: Int) -> Weight<S> {
    projection.restricted(to: n * width..<(n + 1) * width)
  }
}

/// The per-layer inputs of one run: those of all blocks at its positions.
public struct PerLayerVectors<S: Scalar>: Sendable {
  /// What gives them.
  let inputs: PerLayerInputs<S>
  /// The token at each position.
  var tokens: [Int]
  /// The factor of each token's own vector; nil for ones.
  var factors: [S]?
  /// x_0 `[T, d]`.
  var entering: Matrix<S>

  /// p_n `[T, w]` of a block; one product of w·d numbers a position.
  func vectors(ofBlock n: Int) -> Matrix<S> {
    vectors(ofBlock: n, inputs.projection(ofBlock: n).multiply(entering))
  }

  /// The same, and the derivative of p_n by x_0.
  func differential(
    ofBlock n: Int
  ) -> (vectors: Matrix<S>, response: Composition<Tangents<S>>) {
    let projection = inputs.projection(ofBlock: n)
    let projected = projection.multiply(entering)
    let response = Composition<Tangents<S>>([
      projection, inputs.norm.differential(at: projected),
      StreamFactor(inputs.factor, width: inputs.width),
    ])
    return (vectors(ofBlock: n, projected), response)
  }

  /// p_n from W_m x_0.
  private func vectors(ofBlock n: Int, _ projected: Matrix<S>) -> Matrix<S> {
    var own = tokenVectors(ofBlock: n)
    if let factors { Kernels.scaleRows(&own.elements, width: inputs.width, by: factors) }
    return inputs.factor * (inputs.norm.forward(projected) + own)
  }

  /// e of each position for a block, `[T, w]`.
  private func tokenVectors(ofBlock n: Int) -> Matrix<S> {
    // A row holds all blocks' vectors, so each token is read once, and few at a time.
    let width = inputs.width
    var result = Matrix<S>.unwritten(rows: tokens.count, columns: width)
    var places: [Int: [Int]] = [:]
    for (position, token) in tokens.enumerated() { places[token, default: []].append(position) }
    for (token, positions) in places {
      let row = inputs.embedding.rows([token])
      for position in positions {
        Kernels.copy(
          row.elements, from: n * width, count: width, to: &result.elements, at: position * width)
      }
    }
    return result
  }
}

/// What per-layer inputs take of a token at a position.
public struct TokenPart<S: Scalar>: Hashable, Sendable {
  /// The token.
  public let token: Int
  /// The factor of its vectors: 0 for nothing of it.
  public let factor: S

  /// A token's vectors times a factor.
  public init(_ token: Int, times factor: S = 1) { (self.token, self.factor) = (token, factor) }
}

extension PerLayerVectors {
  /// The same with other parts of tokens at some positions.
  func replacing(_ parts: [Int: TokenPart<S>]) -> PerLayerVectors {
    if parts.isEmpty { return self }
    var result = self
    var factors = factors ?? [S](repeating: 1, count: tokens.count)
    for (position, part) in parts where tokens.indices.contains(position) {
      (result.tokens[position], factors[position]) = (part.token, part.factor)
    }
    result.factors = factors
    return result
  }
}

/// What a block reads besides the stream before it.
public struct BesideStream<S: Scalar>: Sendable {
  /// The keys and values of the block that gives it those; nil if it has its own.
  public var given: GivenKeyValues<S>?
  /// The per-layer inputs of the run, and the block's number; nil if there are none.
  var perLayer: PerLayer?

  /// Nothing.
  public init() {}

  /// What a block reads of per-layer inputs.
  struct PerLayer: Sendable {
    /// Those of the run.
    let vectors: PerLayerVectors<S>
    /// The block's number.
    let block: Int

    /// p `[T, w]`.
    var values: Matrix<S> { vectors.vectors(ofBlock: block) }
    /// p and its derivative by what entered block 0.
    var differential: (vectors: Matrix<S>, response: Composition<Tangents<S>>) {
      vectors.differential(ofBlock: block)
    }
  }
}

extension Decoder {
  /// The per-layer inputs of a run; nil if the decoder has none.
  ///
  /// - Parameters:
  ///   - tokens: The token at each position.
  ///   - input: The vectors `[T, d]` that enter block 0 there.
  /// - Returns: Those of all blocks, to be computed block by block.
  func perLayerVectors(of tokens: [Int], entering input: Matrix<S>) -> PerLayerVectors<S>? {
    perLayer.map { PerLayerVectors(inputs: $0, tokens: tokens, factors: nil, entering: input) }
  }
}
