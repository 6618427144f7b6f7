public import SecantOperators

/// The map from one token's input vector to the output at one position: `J_i`, `[d, d]`.
///
/// A product with J costs 2·(p − i + 1)·P operations a vector and so does one with Jᵀ, where P is
/// the number of weights on the linear path.
public struct Jacobian<S: Scalar>: LinearOperator {
  /// The map of the whole stream that it is a part of.
  public let map: any LinearOperator<Tangents<S>>
  /// The token i at which it starts.
  public let token: Int
  /// The position p at which it ends.
  public let position: Int

  /// Width d of the stream.
  public var inputWidth: Int { map.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { map.outputWidth }

  private var family: TokenJacobians<S> { TokenJacobians(map: map, position: position) }

  /// `J_i x` for every row of `[k, d]`.
  public func apply(_ x: Matrix<S>) -> Matrix<S> {
    family.apply(alone(x))[token]
  }

  /// `J_iᵀ y` for every row of `[k, d]`.
  public func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> {
    family.applyAdjoint(alone(y))[token]
  }

  /// The rows given to this token, none to the others.
  private func alone(_ rows: Matrix<S>) -> [Matrix<S>] {
    (0...position).map { $0 == token ? rows : .zero(rows: 0, columns: rows.columns) }
  }
}

/// The Jacobians of all tokens up to a position: one family, whose products read each weight once.
public struct TokenJacobians<S: Scalar>: OperatorFamily {
  /// The map of the whole stream.
  public let map: any LinearOperator<Tangents<S>>
  /// The position p at which every member ends; member i starts at token i, for i in 0...p.
  public let position: Int

  /// Number of tokens, p + 1.
  public var count: Int { position + 1 }
  /// Width d of the stream.
  public var inputWidth: Int { map.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { map.outputWidth }

  /// The positions that a vector is carried through: p − i + 1, and p + 1 for all tokens at once.
  public var costs: FamilyCosts {
    FamilyCosts(members: (0...position).map { Double(position - $0 + 1) }, shared: Double(count))
  }

  /// `J_i x` for every row of `x[i]`, each carried from token i on only.
  public func apply(_ x: [Matrix<S>]) -> [Matrix<S>] {
    let strands = strands(counts: x.map(\.rows)) { token in token..<token + 1 }
    let batch = Tangents(strands: strands, rows: .stacking(x, columns: inputWidth))
    if strands.isEmpty { return x.map { _ in .zero(rows: 0, columns: outputWidth) } }
    return split(map.apply(batch).restricted(to: position..<position + 1).rows, like: x)
  }

  /// `J_iᵀ y` for every row of `y[i]`, each carried back to token i only.
  public func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>] {
    let strands = strands(counts: y.map(\.rows)) { _ in position..<position + 1 }
    let batch = Tangents(strands: strands, rows: .stacking(y, columns: outputWidth))
    if strands.isEmpty { return y.map { _ in .zero(rows: 0, columns: inputWidth) } }
    let image = map.applyAdjoint(batch)
    let sources = image.strands.map { $0.window.lowerBound..<$0.window.lowerBound + 1 }
    return split(image.restricted(to: sources).rows, like: y)
  }

  /// `J_iᵀ y` for every token i and the same rows `[k, d]`: one sweep of k cotangents.
  public func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>] {
    let strand = Strand(support: position..<position + 1, window: 0..<position + 1)
    let strands = [Strand](repeating: strand, count: y.rows)
    let image = map.applyAdjoint(Tangents(strands: strands, rows: y))
    // Rows alternate between tokens: gather those of each.
    var parts = [[S]](repeating: [], count: count)
    var row = 0
    for strand in image.strands {
      precondition(strand.support == 0..<count, "a cotangent reaches every earlier position")
      for token in strand.support {
        parts[token] += image.rows.elements[row * inputWidth..<(row + 1) * inputWidth]
        row += 1
      }
    }
    return parts.map { Matrix(rows: y.rows, columns: inputWidth, elements: $0) }
  }

  /// `Σ_i J_i x_i` for one vector per token, `[p + 1, d]`.
  public func sum(_ x: Matrix<S>) -> [S] {
    precondition(x.rows == count, "one vector per token")
    return map.apply(Tangents(stream: x)).restricted(to: position..<position + 1).rows.elements
  }

  private func strands(counts: [Int], support: (Int) -> Range<Int>) -> [Strand] {
    precondition(counts.count == count, "one matrix per member")
    return counts.enumerated().flatMap { token, rows in
      [Strand](
        repeating: Strand(support: support(token), window: token..<position + 1), count: rows)
    }
  }

  private func split(_ rows: Matrix<S>, like parts: [Matrix<S>]) -> [Matrix<S>] {
    var start = 0
    return parts.map { part in
      defer { start += part.rows }
      return rows.rows(start..<start + part.rows)
    }
  }
}
