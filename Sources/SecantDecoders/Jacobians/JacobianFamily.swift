public import SecantOperators

/// The maps to one site, from members of the same width. A product reads each weight once for all
/// of them.
extension Jacobians: OperatorFamily {
  /// Number of members.
  public var count: Int { members.count }
  /// Width of the vectors that all members take: d for tokens.
  public var inputWidth: Int {
    let widths = Set(inputWidths)
    precondition(widths.count <= 1, "members of different widths are no family")
    return widths.first ?? outputWidth
  }

  /// The tokens at which members start, in order; empty for the joint map.
  public var tokens: [Int] {
    members.compactMap { if case .token(let token) = $0 { token } else { nil } }
  }

  /// The members that start at some tokens.
  public func starting(at tokens: some Sequence<Int>) -> Jacobians {
    from(tokens.map { .token($0) })
  }

  /// The map of all tokens side by side, `[d, n·d]`.
  ///
  /// A product costs one sweep, which serves all tokens.
  public var joint: Jacobian<S> { Jacobian(from([.joint])) }

  /// The costs: a vector costs the positions that it passes, and a batch the reading of the weights.
  ///
  /// A vector of token i passes p + 1 − i positions; a vector for all members passes as many as for
  /// the first.
  public var costs: FamilyCosts {
    let reached = members.map { Double(reach(of: $0).count) }
    return FamilyCosts(members: reached, shared: reached.max() ?? 0, batch: batchCost)
  }

  /// The coefficients of the final norm at the position: every map ends with them.
  public var outputProfile: [S]? { outputProfile(of: 0) }

  /// `J x` for every row of `x[m]`, each carried only through the positions from its token on.
  public func apply(_ x: [Matrix<S>]) -> [Matrix<S>] { onlySite(sweep(x)) }

  /// `Jᵀ y` for every row of `y[m]`, each carried back only as far as its token.
  public func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>] { onlySite(applyAdjoint([y])) }

  /// `Jᵀ y` for every member and the same rows `[k, d]`: one sweep of k cotangents.
  public func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>] {
    onlySite(applyAdjointToAll([y]))
  }

  /// `Jᵀ y` for some members and the same rows: cotangents go no further back than the first of them.
  ///
  /// Costs p + 1 − i positions per row, with i the first token of the members.
  public func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>] {
    members.isEmpty ? [] : from(Array(self.members[members])).applyAdjointToAll(y)
  }

  /// `Σ_i J_i x_i` for every row of `x[i]`: one sweep of k streams.
  ///
  /// Costs all positions up to p per row, whatever the number of tokens.
  public func applySum(_ x: [Matrix<S>]) -> Matrix<S> {
    precondition(x.count == count, "one matrix per member")
    let (rows, width) = (x.first?.rows ?? 0, (position + 1) * outputWidth)
    guard rows > 0 else { return .zero(rows: 0, columns: outputWidth) }
    var streams = Matrix<S>.zero(rows: rows, columns: width)
    for (token, vectors) in zip(tokens, x) {
      for j in 0..<rows {
        Kernels.copy(
          vectors.elements, from: j * outputWidth, count: outputWidth, to: &streams.elements,
          at: j * width + token * outputWidth)
      }
    }
    return joint.apply(streams)
  }

  /// `Σ_i J_i x_i` for one vector for each token up to the position, `[p + 1, d]`: one sweep.
  public func sum(_ x: Matrix<S>) -> [S] {
    precondition(x.rows == position + 1, "one vector per token")
    return joint.apply(Matrix(row: x.elements)).elements
  }

  private func onlySite(_ levels: [[Matrix<S>]]) -> [Matrix<S>] {
    precondition(levels.count == 1, "maps to several sites are a cascade, not a family")
    return levels[0]
  }
}

/// One map from vectors that enter a decoder to a site: that of one token, `[d, d]`, or the joint map, `[d, n·d]`.
public struct Jacobian<S: Scalar>: LinearOperator {
  /// The family of which it is the only member.
  private let family: Jacobians<S>

  /// The only member of a family.
  init(_ family: Jacobians<S>) {
    precondition(family.count == 1 && family.levelCount == 1, "one map")
    self.family = family
  }

  /// Where the map begins.
  public var member: Jacobians<S>.Member { family.members[0] }
  /// The site at which it ends.
  public var site: Site { family.sites[0] }
  /// The position p at which it ends.
  public var position: Int { family.position }
  /// d for a token, n·d for the joint map.
  public var inputWidth: Int { family.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { family.outputWidth }
  /// The cost of reading the weights, in rows of a product.
  public var batchCost: Double { family.batchCost }
  /// The number of positions that a vector passes.
  public var vectorCost: Double { family.costs.shared }

  /// `J x` for every row of `[k, input]`.
  public func apply(_ x: Matrix<S>) -> Matrix<S> { family.apply([x])[0] }

  /// `Jᵀ y` for every row of `[k, d]`.
  public func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> { family.applyAdjoint([y])[0] }
}
