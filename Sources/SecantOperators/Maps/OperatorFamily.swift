/// Several maps between the same spaces whose products cost less together than one by one.
///
/// The Jacobians of all tokens of a prompt are such a family: their products read every weight only
/// once. Solvers are written for families; a single operator is a family of one.
public protocol OperatorFamily<S>: Sendable {
  /// The precision of the members.
  associatedtype S: Scalar

  /// Number of members.
  var count: Int { get }
  /// Width of the vectors that the members take.
  var inputWidth: Int { get }
  /// Width of the vectors that the members return.
  var outputWidth: Int { get }

  /// `A_m x` for every row of `x[m]`, `[k_m, input]`. Any k_m may be 0; that costs nothing.
  func apply(_ x: [Matrix<S>]) -> [Matrix<S>]

  /// `A_mᵀ y` for every row of `y[m]`, `[k_m, output]`. Any k_m may be 0; that costs nothing.
  func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>]

  /// `A_mᵀ y` for all members m and the same rows y `[k, output]`.
  ///
  /// The default repeats the rows for every member. A family whose members share work should
  /// override it.
  func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>]

  /// `A_mᵀ y` for some members m and the same rows y `[k, output]`, in the order of the members.
  ///
  /// The default multiplies for all members. A family that can stop early should override it.
  func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>]

  /// `Σ_m A_m x_m` for every row: `x[m]` has k rows `[k, input]` for every member, the result is `[k, output]`.
  ///
  /// The default multiplies by each member. A family that can carry the whole sum at once should
  /// override it.
  func applySum(_ x: [Matrix<S>]) -> Matrix<S>

  /// The relative costs of the products. They guide solvers and never change what a result means.
  ///
  /// The default is 1 for each member, and no saving for products with all of them.
  var costs: FamilyCosts { get }

  /// The expected size of each component of the members' outputs, `[output]`; nil if unknown.
  ///
  /// For maps that end in a diagonal map, its coefficients. Solvers use them to choose where to
  /// start; they never change what a result means.
  var outputProfile: [S]? { get }
}

/// The costs of products with the members of a family.
///
/// The unit is one row of the matrix products inside: the Jacobian of token i of T carries a vector
/// through T − i positions, and a product with all of them through T.
public struct FamilyCosts: Hashable, Sendable {
  /// Cost of one vector through each member, forward or adjoint.
  public let members: [Double]
  /// Cost of one vector through the adjoints of all members at once.
  public let shared: Double
  /// The fixed cost of a batch, whatever its number of vectors: reading the weights and, if they
  /// are quantized, unpacking them.
  public let batch: Double

  /// The fixed cost of a batch with single-precision weights in memory: 72 rows of a product.
  ///
  /// Measured: the times of blocks of one and of two vectors for each of 8 tokens of SmolLM2 135M,
  /// on two idle cores.
  public static let usualBatch = 72.0

  /// Costs of one vector through each member and through the adjoints of all, and of a batch.
  public init(members: [Double], shared: Double, batch: Double = usualBatch) {
    self.members = members
    self.shared = shared
    self.batch = batch
  }
}

extension OperatorFamily {
  /// `A_mᵀ y` for all members, one copy of the rows for each.
  public func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>] {
    applyAdjoint([Matrix<S>](repeating: y, count: count))
  }

  /// The products of all members, without those that were not asked for.
  public func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>] {
    Array(applyAdjointToAll(y)[members])
  }

  /// The sum of the members' own products.
  public func applySum(_ x: [Matrix<S>]) -> Matrix<S> {
    let rows = x.first?.rows ?? 0
    return apply(x).reduce(.zero(rows: rows, columns: outputWidth), +)
  }

  /// Nothing is known.
  public var outputProfile: [S]? { nil }

  /// One for each member, and for all of them the sum.
  public var costs: FamilyCosts {
    FamilyCosts(members: [Double](repeating: 1, count: count), shared: Double(count))
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
  /// Those of the member.
  public var costs: FamilyCosts {
    FamilyCosts(
      members: [member.vectorCost], shared: member.vectorCost, batch: member.batchCost)
  }

  /// The member's products.
  public func apply(_ x: [Matrix<S>]) -> [Matrix<S>] { [member.apply(x[0])] }
  /// The member's adjoint products.
  public func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>] { [member.applyAdjoint(y[0])] }
}
