/// Families of maps at successive levels, all of which one forward sweep passes.
///
/// The Jacobians from every token to every block are such a cascade: a vector passes all of them on
/// its way through the blocks, so products with all levels cost no more than products with the last
/// one. Adjoint products share nothing: each starts at its own level.
///
/// Members may take vectors of different widths; all levels return the same width.
public protocol OperatorCascade<S>: Sendable {
  /// The precision of the maps.
  associatedtype S: Scalar

  /// Number of levels, in the order in which a forward sweep passes them.
  var levelCount: Int { get }
  /// Width of the vectors that each member takes, at every level.
  var inputWidths: [Int] { get }
  /// Width of the vectors that all maps return.
  var outputWidth: Int { get }

  /// `A_lm x` at every level l, for every row of `x[m]`: one sweep. Indexed by level, then member.
  func sweep(_ x: [Matrix<S>]) -> [[Matrix<S>]]

  /// `A_lm x` for every row of `x[l][m]`: each vector is carried up to its own level.
  func applyEach(_ x: [[Matrix<S>]]) -> [[Matrix<S>]]

  /// `A_lmᵀ y` for every row of `y[l][m]`: one sweep, which each vector joins at its own level.
  func applyAdjoint(_ y: [[Matrix<S>]]) -> [[Matrix<S>]]

  /// `A_lmᵀ y` for all members m and the rows of `y[l]`, one matrix for each level.
  func applyAdjointToAll(_ y: [Matrix<S>]) -> [[Matrix<S>]]

  /// The expected size of each component of a level's outputs, `[output]`; nil if unknown.
  func outputProfile(of level: Int) -> [S]?
}

extension OperatorCascade {
  /// Number of members of each level.
  public var memberCount: Int { inputWidths.count }

  /// Nothing is known.
  public func outputProfile(of level: Int) -> [S]? { nil }
}
