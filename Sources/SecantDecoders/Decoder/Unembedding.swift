public import SecantOperators

/// A token with its score.
public struct ScoredToken: Hashable, Sendable {
  /// The token id.
  public let token: Int
  /// A logit, a product or a cosine, depending on the function that returned it.
  public let score: Double
}

extension ScoredToken: CustomStringConvertible {
  /// The id and the score, such as "#312 4.25"; `Model.named(_:)` knows the text.
  public var description: String { "#\(token) \(score)" }
}

/// The map from the output to the logits of all tokens.
///
/// Some families softcap their logits: `z = c·tanh(w·y/c)`. The softcap keeps the order of tokens
/// and is not part of the linear map: contributions of tokens and singular vectors are always parts
/// of the product w·y, the logit before the softcap.
public struct Unembedding<S: Scalar>: Sendable {
  /// W_U `[V, d]`, with the factor of the logits that some families have.
  public let weight: Weight<S>
  /// c of `c·tanh(z/c)`; nil if the logits have no softcap.
  public let softcap: S?

  /// The logits `[k, V]` of outputs `[k, d]`, after any softcap; costs 2·k·V·d operations.
  public func logits(_ y: Matrix<S>) -> Matrix<S> { bounded(products(y)) }

  /// The softcap of products, element by element; the products themselves if there is no softcap.
  public func bounded(_ products: Matrix<S>) -> Matrix<S> {
    guard let softcap else { return products }
    var result = products
    Kernels.softcap(&result.elements, limit: softcap)
    return result
  }

  /// The products w·y `[k, V]` of every token with each row of `[k, d]`: logits before any softcap.
  public func products(_ y: Matrix<S>) -> Matrix<S> { weight.multiply(y) }

  /// The row w `[d]` of one token: its logit before any softcap is w·y.
  public func direction(of token: Int) -> [S] { weight.rows([token]).elements }

  /// The mean `[d]` of all V rows: its product with y is the mean logit before any softcap.
  ///
  /// Reads the weight once; sums use double precision.
  public var meanDirection: [S] {
    var sums = [Double](repeating: 0, count: weight.inputWidth)
    weight.forEachTile { elements, _ in addRows(of: elements, to: &sums) }
    let factor = Double(weight.factor) / Double(weight.outputWidth)
    return sums.map { S($0 * factor) }
  }

  /// The tokens whose product with a vector `[d]` is largest, in descending order.
  public func topTokens(for vector: [S], count: Int) -> [ScoredToken] {
    topTokens(for: Matrix(row: vector), count: count)[0]
  }

  /// The same for every row of `[k, d]`, in one product.
  public func topTokens(for vectors: Matrix<S>, count: Int) -> [[ScoredToken]] {
    let products = products(vectors)
    return (0..<vectors.rows).map { ScoredToken.largest(of: products.row($0), count: count) }
  }
}

/// The map from token ids, and positions in some families, to the vectors that enter block 0.
public struct TokenEmbedding<S: Scalar>: Sendable {
  /// W_E `[V, d]`.
  public let weight: Weight<S>
  /// The factor of its rows; √d in Gemma.
  public let scale: S
  /// W_P, the learned vectors of positions, which are added to the tokens' `[context, d]`; nil if
  /// positions have none.
  public let positions: Weight<S>?

  /// An embedding of tokens, with a factor and learned positions if it has them.
  init(weight: Weight<S>, scale: S = 1, positions: Weight<S>? = nil) {
    (self.weight, self.scale, self.positions) = (weight, scale, positions)
  }

  /// The vectors of token ids at successive positions from a first one on `[T, d]`, as they enter block
  /// 0.
  public func vectors(of tokens: [Int], from start: Int = 0) -> Matrix<S> {
    placed(tokenVectors(of: tokens), at: Array(start..<start + tokens.count))
  }

  /// The vectors of token ids `[n, d]`, without those of positions.
  public func tokenVectors(of tokens: [Int]) -> Matrix<S> {
    let rows = weight.rows(tokens)
    return scale == 1 ? rows : scale * rows
  }

  /// The learned vectors of some positions `[n, d]`; nil if positions have none.
  public func positionVectors(at places: [Int]) -> Matrix<S>? { positions?.rows(places) }

  /// Vectors of tokens `[n, d]` as they enter block 0 at some positions: plus the learned vectors of
  /// these, if there are any.
  public func placed(_ vectors: Matrix<S>, at places: [Int]) -> Matrix<S> {
    guard let positions else { return vectors }
    return vectors + positions.rows(places)
  }

  /// The mean of all tokens' vectors `[d]`, without positions: reads the whole embedding.
  ///
  /// Sums are accumulated in double precision.
  public func mean() -> [S] {
    var sums = [Double](repeating: 0, count: weight.inputWidth)
    weight.forEachTile { elements, _ in addRows(of: elements, to: &sums) }
    let factor = Double(scale) / Double(weight.outputWidth)
    return sums.map { S($0 * factor) }
  }

  /// The tokens whose embeddings have the largest cosine to a vector `[d]`, in descending order.
  public func topTokens(for vector: [S], count: Int) -> [ScoredToken] {
    topTokens(for: Matrix(row: vector), count: count)[0]
  }

  /// The same for every row of `[k, d]`, reading the embedding twice for all of them.
  ///
  /// Rows of norm 0 are skipped: untrained tokens have no direction.
  public func topTokens(for vectors: Matrix<S>, count: Int) -> [[ScoredToken]] {
    var norms: [Double] = []
    weight.forEachTile { elements, rows in
      for r in 0..<rows.count {
        let row = elements.extracting(r * weight.inputWidth..<(r + 1) * weight.inputWidth)
        norms.append(Kernels.squaredNorm(row).squareRoot())
      }
    }
    let products = weight.multiply(vectors)
    return (0..<vectors.rows).map { k in
      let length = Matrix(row: vectors.row(k)).norm
      return ScoredToken.largest(of: quotients(products.row(k), norms, length), count: count)
    }
  }
}

/// Adds rows to sums of the same width.
@_specialize(where S == Float)
@_specialize(where S == Double)
private func addRows<S: Scalar>(of elements: borrowing Span<S>, to sums: inout [Double]) {
  let width = sums.count
  for start in stride(from: 0, to: elements.count, by: width) {
    for i in 0..<width { sums[i] += Double(elements[start + i]) }
  }
}

/// `products[i] / (norms[i] · length)`, or -∞ if that is not a number.
@_specialize(where S == Float)
@_specialize(where S == Double)
private func quotients<S: Scalar>(_ products: [S], _ norms: [Double], _ length: Double) -> [S] {
  var result = products
  for i in result.indices {
    let scale = norms[i] * length
    result[i] = scale == 0 ? -S.infinity : S(Double(result[i]) / scale)
  }
  return result
}

extension ScoredToken {
  /// The tokens with the largest of all tokens' values, in descending order; ties go to the smaller id.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func largest<S: Scalar>(of values: [S], count: Int) -> [ScoredToken] {
    let values = values.span
    var best: [ScoredToken] = []
    var threshold = -Double.infinity
    for token in values.indices where Double(values[token]) > threshold {
      let value = Double(values[token])
      let place = best.firstIndex { $0.score < value } ?? best.count
      best.insert(ScoredToken(token: token, score: value), at: place)
      if best.count > count { best.removeLast() }
      if best.count == count { threshold = best.last?.score ?? .infinity }
    }
    return best
  }
}
