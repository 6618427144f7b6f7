/// Several maps between the same spaces whose products are cheaper together than one by one.
///
/// The Jacobians of all tokens of a prompt are such a family: their products read every weight once
/// for all. Solvers are written for families; a single operator is a family of one.
public protocol OperatorFamily<S>: Sendable {
  /// The precision of the members.
  associatedtype S: Scalar

  /// Number of members.
  var count: Int { get }
  /// Width of the vectors that the members take.
  var inputWidth: Int { get }
  /// Width of the vectors that the members return.
  var outputWidth: Int { get }

  /// `A_m x` for every row of `x[m]`, `[k_m, input]`; any k_m may be 0, and a 0 costs nothing.
  func apply(_ x: [Matrix<S>]) -> [Matrix<S>]

  /// `A_mᵀ y` for every row of `y[m]`, `[k_m, output]`; any k_m may be 0, and a 0 costs nothing.
  func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>]

  /// `A_mᵀ y` for all members m and the same rows y `[k, output]`.
  ///
  /// The default repeats the rows for every member; a family that shares work does better.
  func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>]
}

extension OperatorFamily {
  /// `A_mᵀ y` for all members, one copy of the rows for each.
  public func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>] {
    applyAdjoint([Matrix<S>](repeating: y, count: count))
  }
}

/// One operator as a family.
public struct FamilyOfOne<S: Scalar>: OperatorFamily {
  /// The only member.
  public let member: any LinearOperator<Matrix<S>>

  /// The family whose only member is the given map.
  public init(_ member: any LinearOperator<Matrix<S>>) { self.member = member }

  /// One.
  public var count: Int { 1 }
  /// The member's input width.
  public var inputWidth: Int { member.inputWidth }
  /// The member's output width.
  public var outputWidth: Int { member.outputWidth }

  /// The member's products.
  public func apply(_ x: [Matrix<S>]) -> [Matrix<S>] { [member.apply(x[0])] }
  /// The member's adjoint products.
  public func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>] { [member.applyAdjoint(y[0])] }
}
