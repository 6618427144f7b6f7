/// Families of maps, level above level, all of which one forward sweep meets on its way.
///
/// The Jacobians from every token to every block are such a cascade: on its way through the blocks a
/// vector passes all of them, so that products with all levels cost no more than with the last one.
/// Adjoint products do not share: each starts at its own level.
///
/// Members of different inputs may take vectors of different widths; all levels return one width.
public protocol OperatorCascade<S>: Sendable {
  /// The precision of the maps.
  associatedtype S: Scalar

  /// Number of levels, the first met first.
  var levelCount: Int { get }
  /// Width of the vectors that each member takes, at every level.
  var inputWidths: [Int] { get }
  /// Width of the vectors that all maps return.
  var outputWidth: Int { get }

  /// `A_lm x` at every level l, for every row of `x[m]`: one sweep. Indexed by level, then member.
  func sweep(_ x: [Matrix<S>]) -> [[Matrix<S>]]

  /// `A_lm x` for every row of `x[l][m]`: each vector is carried up to its own level.
  func applyEach(_ x: [[Matrix<S>]]) -> [[Matrix<S>]]

  /// `A_lmᵀ y` for every row of `y[l][m]`: one sweep that each vector joins at its own level.
  func applyAdjoint(_ y: [[Matrix<S>]]) -> [[Matrix<S>]]

  /// `A_lmᵀ y` for all members m and the rows of `y[l]`, one matrix for each level.
  func applyAdjointToAll(_ y: [Matrix<S>]) -> [[Matrix<S>]]

  /// How large the components of a level's outputs are expected to be, `[output]`; nil if unknown.
  func outputProfile(of level: Int) -> [S]?
}

extension OperatorCascade {
  /// Number of members of each level.
  public var memberCount: Int { inputWidths.count }

  /// Nothing is known.
  public func outputProfile(of level: Int) -> [S]? { nil }
}
