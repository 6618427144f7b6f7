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

  /// `A_mᵀ y` for some members m and the same rows y `[k, output]`, in the order of the members.
  ///
  /// The default multiplies for all members; a family that can stop early does better.
  func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>]

  /// `Σ_m A_m x_m` for every row: `x[m]` has k rows `[k, input]` for every member, the result is `[k, output]`.
  ///
  /// The default multiplies by each member; a family that carries a sum through at once does better.
  func applySum(_ x: [Matrix<S>]) -> Matrix<S>

  /// What the products cost, relative to each other; steers solvers and changes no result's meaning.
  ///
  /// The default is one for each member, and nothing saved by products with all.
  var costs: FamilyCosts { get }

  /// How large the components of the members' outputs are expected to be, `[output]`; nil if unknown.
  ///
  /// For maps that end in a diagonal one, its coefficients. Steers where solvers begin to look and
  /// changes no result's meaning.
  var outputProfile: [S]? { get }
}

/// What products with the members of a family cost.
///
/// The unit is one row of the matrix products inside: the Jacobian of token i of T carries a vector
/// through T − i positions, and a product with all of them through T.
public struct FamilyCosts: Hashable, Sendable {
  /// Cost of one vector through each member, forward or adjoint.
  public let members: [Double]
  /// Cost of one vector through the adjoints of all members at once.
  public let shared: Double
  /// What a batch costs, however many vectors it holds: reading, and where they are stored so, unpacking
  /// weights.
  public let batch: Double

  /// Rows of a product with single-precision weights in memory that take the time of a batch by itself: 72.
  ///
  /// From the times of blocks of one and of two vectors for each of 8 tokens of SmolLM2 135M, alone on two cores.
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

  /// The products of all members, less those that were not asked for.
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

  /// One for each member, and as much for all as for each in turn.
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
