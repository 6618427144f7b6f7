public import SecantOperators

/// The map from one token's input vector to the output at one position: `J_i`, `[d, d]`, detached
/// where it comes from a ``Linearization``, ordinary where it comes from a ``Differential``.
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

  /// That of the whole stream's map.
  public var batchCost: Double { map.batchCost }
  /// p − i + 1: the positions that a vector passes.
  public var vectorCost: Double { Double(position + 1 - token) }

  private var family: TokenJacobians<S> {
    TokenJacobians(map: map, tokens: [token], position: position)
  }

  /// `J_i x` for every row of `[k, d]`.
  public func apply(_ x: Matrix<S>) -> Matrix<S> { family.apply([x])[0] }

  /// `J_iᵀ y` for every row of `[k, d]`.
  public func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> { family.applyAdjoint([y])[0] }
}

/// The Jacobians of several tokens: one family, whose products read each weight once.
public struct TokenJacobians<S: Scalar>: OperatorFamily {
  /// The map of the whole stream.
  public let map: any LinearOperator<Tangents<S>>
  /// The tokens at which the members start, ascending: all up to the position, or some of them.
  public let tokens: [Int]
  /// The position p at which every member ends.
  public let position: Int

  /// The maps that start at some tokens, none of them after the position.
  init(map: any LinearOperator<Tangents<S>>, tokens: [Int], position: Int) {
    precondition(tokens.allSatisfy((0...position).contains), "no such tokens")
    precondition(zip(tokens, tokens.dropFirst()).allSatisfy(<), "tokens out of order")
    self.map = map
    self.tokens = tokens
    self.position = position
  }

  /// Number of tokens at which members start.
  public var count: Int { tokens.count }
  /// Width d of the stream.
  public var inputWidth: Int { map.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { map.outputWidth }

  /// The members that start at some of this family's tokens.
  public func starting(at tokens: some Sequence<Int>) -> TokenJacobians {
    let chosen = Array(tokens)
    precondition(Set(self.tokens).isSuperset(of: chosen), "tokens \(chosen) of \(self.tokens)")
    return TokenJacobians(map: map, tokens: chosen, position: position)
  }

  /// The same maps, which tell an observer how far each product has come.
  ///
  /// The observer is called from within products, with vectors times positions times the fraction of the
  /// way: for one vector through the map of token i, p + 1 − i in all.
  package func observed(
    by observer: @escaping @Sendable (Double) -> Void
  ) -> TokenJacobians {
    guard let composition = map as? Composition<Tangents<S>> else { return self }
    let share = 1 / Double(composition.stages.count)
    let stages = composition.stages.map { stage -> any LinearOperator<Tangents<S>> in
      ObservedStage(stage: stage) { observer(share * Double($0)) }
    }
    return TokenJacobians(map: Composition(stages), tokens: tokens, position: position)
  }

  /// The positions that a vector is carried through: p + 1 − i for token i, as many as the first for all; and
  /// what reading the weights takes.
  public var costs: FamilyCosts {
    let members = tokens.map { Double(position + 1 - $0) }
    return FamilyCosts(
      members: members, shared: members.first ?? 0, batch: map.batchCost)
  }

  /// The coefficients of the final norm at the position: every map ends in it.
  public var outputProfile: [S]? {
    switch (map as? Composition<Tangents<S>>)?.stages.last {
    case let norm as FrozenScale<S>: norm.coefficients.row(position)
    case let norm as NormDifferential<S>: norm.scale.coefficients.row(position)
    default: nil
    }
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
    let reached = (tokens.first ?? position)..<position + 1
    let strand = Strand(support: position..<position + 1, window: reached)
    let strands = [Strand](repeating: strand, count: y.rows)
    let image = map.applyAdjoint(Tangents(strands: strands, rows: y))
    // Rows alternate between positions: gather those of each token.
    precondition(
      image.strands.allSatisfy { $0.support == reached },
      "a cotangent reaches every earlier position")
    return tokens.map { token in
      var part = Matrix<S>.zero(rows: y.rows, columns: inputWidth)
      for j in 0..<y.rows {
        let row = j * reached.count + token - reached.lowerBound
        Kernels.copy(
          image.rows.elements, from: row * inputWidth, count: inputWidth, to: &part.elements,
          at: j * inputWidth)
      }
      return part
    }
  }

  /// `Σ_i J_i x_i` for one vector for each token up to the position, `[p + 1, d]`.
  ///
  /// Only for the family of all tokens.
  public func sum(_ x: Matrix<S>) -> [S] {
    precondition(count == position + 1 && x.rows == count, "one vector per token")
    return map.apply(Tangents(stream: x)).restricted(to: position..<position + 1).rows.elements
  }

  private func strands(counts: [Int], support: (Int) -> Range<Int>) -> [Strand] {
    precondition(counts.count == count, "one matrix per member")
    return zip(tokens, counts).flatMap { token, rows in
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

/// A stage of a map that tells an observer how many rows have passed it.
private struct ObservedStage<S: Scalar>: LinearOperator {
  let stage: any LinearOperator<Tangents<S>>
  let observer: @Sendable (Int) -> Void

  var inputWidth: Int { stage.inputWidth }
  var outputWidth: Int { stage.outputWidth }
  var batchCost: Double { stage.batchCost }

  func apply(_ x: Tangents<S>) -> Tangents<S> {
    defer { observer(x.rows.rows) }
    return stage.apply(x)
  }

  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let image = stage.applyAdjoint(y)
    observer(image.rows.rows)
    return image
  }
}
