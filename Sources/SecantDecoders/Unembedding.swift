public import SecantOperators

/// A token with the number by which it was chosen.
public struct ScoredToken: Hashable, Sendable {
  /// The token id.
  public let token: Int
  /// A logit, a raw product or a cosine, as the maker says.
  public let score: Double
}

/// The map from the output to the logits of all tokens.
public struct Unembedding<S: Scalar>: Sendable {
  /// W_U `[V, d]`.
  public let weight: Weight<S>

  /// The logits of outputs `[k, d]`, as `[k, V]`; costs 2·k·V·d operations.
  public func logits(_ y: Matrix<S>) -> Matrix<S> { weight.multiply(y) }

  /// The row w of one token `[d]`: its logit is w·y.
  public func direction(of token: Int) -> [S] { weight.rows([token]).elements }

  /// The tokens whose raw product with a vector `[d]` is largest, in descending order.
  public func topTokens(for vector: [S], count: Int) -> [ScoredToken] {
    topTokens(for: Matrix(row: vector), count: count)[0]
  }

  /// The same for every row of `[k, d]`, in one product.
  public func topTokens(for vectors: Matrix<S>, count: Int) -> [[ScoredToken]] {
    let products = logits(vectors)
    return (0..<vectors.rows).map { largest(products.row($0), count: count) }
  }
}

/// The map from token ids to the vectors that enter block 0.
public struct TokenEmbedding<S: Scalar>: Sendable {
  /// W_E `[V, d]`.
  public let weight: Weight<S>

  /// The vectors of token ids `[T, d]`.
  public func vectors(of tokens: [Int]) -> Matrix<S> { weight.rows(tokens) }

  /// The tokens whose embeddings have the largest cosine to a vector `[d]`, in descending order.
  public func topTokens(for vector: [S], count: Int) -> [ScoredToken] {
    topTokens(for: Matrix(row: vector), count: count)[0]
  }

  /// The same for every row of `[k, d]`, reading the embedding twice for all of them.
  ///
  /// Rows of norm 0 are skipped: tokens that were never trained have no direction.
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
      return largest(quotients(products.row(k), norms, length), count: count)
    }
  }
}

/// `products[i] / (norms[i] · length)`, and -∞ where that is no number.
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

/// The largest values with their indices, in descending order; ties go to the smaller index.
@_specialize(where S == Float)
@_specialize(where S == Double)
private func largest<S: Scalar>(_ values: [S], count: Int) -> [ScoredToken] {
  var best: [ScoredToken] = []
  var threshold = -Double.infinity
  for (token, value) in values.enumerated() where Double(value) > threshold {
    let place = best.firstIndex { $0.score < Double(value) } ?? best.count
    best.insert(ScoredToken(token: token, score: Double(value)), at: place)
    if best.count > count { best.removeLast() }
    if best.count == count { threshold = best.last?.score ?? .infinity }
  }
  return best
}
