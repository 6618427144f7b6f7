/// The differences of two families' maps, member by member: `A_m − B_m`, never formed.
///
/// A product costs one with each family. Both may be views of different decoders, or of one decoder at two
/// prompts: what counts is that their members act between the same spaces.
public struct FamilyDifference<S: Scalar>: OperatorFamily {
  /// The maps A_m.
  public let first: any OperatorFamily<S>
  /// The maps B_m.
  public let second: any OperatorFamily<S>

  /// The difference of two families of as many members of the same widths.
  public init(_ first: any OperatorFamily<S>, less second: any OperatorFamily<S>) {
    precondition(
      first.count == second.count && first.inputWidth == second.inputWidth
        && first.outputWidth == second.outputWidth, "families of different shapes")
    (self.first, self.second) = (first, second)
  }

  /// That of both.
  public var count: Int { first.count }
  /// That of both.
  public var inputWidth: Int { first.inputWidth }
  /// That of both.
  public var outputWidth: Int { first.outputWidth }

  /// `A_m x − B_m x`.
  public func apply(_ x: [Matrix<S>]) -> [Matrix<S>] {
    zip(first.apply(x), second.apply(x)).map { $0 - $1 }
  }

  /// `A_mᵀ y − B_mᵀ y`.
  public func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>] {
    zip(first.applyAdjoint(y), second.applyAdjoint(y)).map { $0 - $1 }
  }

  /// `A_mᵀ y − B_mᵀ y` for all members and the same rows.
  public func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>] {
    zip(first.applyAdjointToAll(y), second.applyAdjointToAll(y)).map { $0 - $1 }
  }

  /// `A_mᵀ y − B_mᵀ y` for some members and the same rows.
  public func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>] {
    zip(first.applyAdjoint(y, toAll: members), second.applyAdjoint(y, toAll: members))
      .map { $0 - $1 }
  }

  /// `Σ_m A_m x_m − Σ_m B_m x_m`.
  public func applySum(_ x: [Matrix<S>]) -> Matrix<S> {
    first.applySum(x) - second.applySum(x)
  }

  /// The costs of both together: a product with the difference reads the weights twice.
  public var costs: FamilyCosts {
    let (a, b) = (first.costs, second.costs)
    return FamilyCosts(
      members: zip(a.members, b.members).map(+), shared: a.shared + b.shared,
      batch: a.batch + b.batch)
  }

  /// The larger of both, component by component; nil where either is unknown.
  public var outputProfile: [S]? {
    guard let a = first.outputProfile, let b = second.outputProfile else { return nil }
    return zip(a, b).map { max(abs($0), abs($1)) }
  }
}
