/// A linear map known by its action and that of its adjoint.
///
/// An operator implements the two products; composition, sums, scaling, the adjoint, the dense form
/// and singular values follow. `Vectors` is a batch of vectors that it acts on at once: a `Matrix`
/// with one vector a row, or the tangents of a decoder's residual stream.
///
/// Laws, for all x, y of one vector each: `⟨A x, y⟩ = ⟨x, Aᵀ y⟩`; `A (α x + x') = α A x + A x'`; and
/// the product does not depend on what else is in the batch, but for rounding.
public protocol LinearOperator<Vectors>: Sendable {
  /// A batch of vectors.
  associatedtype Vectors: VectorBatch

  /// Width of the vectors that `apply` takes.
  var inputWidth: Int { get }
  /// Width of the vectors that `apply` returns.
  var outputWidth: Int { get }

  /// `A x` for every vector x of the batch, in order.
  func apply(_ x: Vectors) -> Vectors

  /// `Aᵀ y` for every vector y of the batch, in order.
  func applyAdjoint(_ y: Vectors) -> Vectors

  /// The fixed cost of a batch, in rows of a product. It guides solvers and never changes what a
  /// result means.
  ///
  /// The default is the cost of single-precision weights in memory.
  var batchCost: Double { get }

  /// The cost of one vector, in the same unit: 1, or the number of rows that a vector becomes
  /// inside.
  var vectorCost: Double { get }
}

/// A batch of vectors that can be added and scaled, vector by vector.
public protocol VectorBatch: Sendable {
  /// The precision of the components.
  associatedtype Scalar: SecantOperators.Scalar

  /// The sum of two batches of the same number of vectors.
  static func + (a: Self, b: Self) -> Self

  /// Every vector times a number.
  static func * (factor: Scalar, batch: Self) -> Self
}

extension Matrix: VectorBatch {
  /// The precision of the elements.
  public typealias Scalar = S
}

extension LinearOperator {
  /// The cost of single-precision weights in memory.
  public var batchCost: Double { FamilyCosts.usualBatch }

  /// One row.
  public var vectorCost: Double { 1 }

  /// The adjoint `Aᵀ`.
  public var adjoint: Adjoint<Self> { Adjoint(base: self) }

  /// `B A`: this map, then the next.
  public func then(_ next: any LinearOperator<Vectors>) -> Composition<Vectors> {
    Composition([self, next])
  }

  /// The sum `A + B`.
  public func plus(_ other: any LinearOperator<Vectors>) -> Sum<Vectors> { Sum([self, other]) }

  /// `α A`.
  public func scaled(by factor: Vectors.Scalar) -> Scaled<Vectors> {
    Scaled(factor: factor, base: self)
  }
}

/// The adjoint of a map: the two products exchanged.
public struct Adjoint<Base: LinearOperator>: LinearOperator {
  /// The map whose adjoint this is.
  public let base: Base

  /// The base's output width.
  public var inputWidth: Int { base.outputWidth }
  /// The base's input width.
  public var outputWidth: Int { base.inputWidth }
  /// That of the base.
  public var batchCost: Double { base.batchCost }
  /// That of the base.
  public var vectorCost: Double { base.vectorCost }

  /// `Aᵀ x`.
  public func apply(_ x: Base.Vectors) -> Base.Vectors { base.applyAdjoint(x) }
  /// `A y`.
  public func applyAdjoint(_ y: Base.Vectors) -> Base.Vectors { base.apply(y) }
}

/// Maps one after the other: `A_n … A_2 A_1`.
public struct Composition<Vectors: VectorBatch>: LinearOperator {
  /// The maps in the order in which data flows.
  public let stages: [any LinearOperator<Vectors>]

  /// The composition of at least one stage, the first applied first.
  public init(_ stages: [any LinearOperator<Vectors>]) {
    precondition(!stages.isEmpty, "a composition of nothing has no width")
    for (a, b) in zip(stages, stages.dropFirst()) {
      precondition(a.outputWidth == b.inputWidth, "\(a.outputWidth) into \(b.inputWidth)")
    }
    self.stages = stages
  }

  /// The first stage's input width.
  public var inputWidth: Int { stages[0].inputWidth }
  /// The last stage's output width.
  public var outputWidth: Int { stages[stages.count - 1].outputWidth }

  /// The least of the stages' costs: stages without weights report the default.
  public var batchCost: Double { stages.map(\.batchCost).min() ?? FamilyCosts.usualBatch }

  /// `A_n … A_1 x`.
  public func apply(_ x: Vectors) -> Vectors { stages.reduce(x) { $1.apply($0) } }
  /// `A_1ᵀ … A_nᵀ y`.
  public func applyAdjoint(_ y: Vectors) -> Vectors {
    stages.reversed().reduce(y) { $1.applyAdjoint($0) }
  }
}

/// A sum of maps between the same spaces.
public struct Sum<Vectors: VectorBatch>: LinearOperator {
  /// The maps that are added.
  public let terms: [any LinearOperator<Vectors>]

  /// The sum of at least one term.
  public init(_ terms: [any LinearOperator<Vectors>]) {
    precondition(!terms.isEmpty, "a sum of nothing has no width")
    precondition(
      terms.allSatisfy {
        $0.inputWidth == terms[0].inputWidth && $0.outputWidth == terms[0].outputWidth
      }, "terms of different widths")
    self.terms = terms
  }

  /// The width that all terms take.
  public var inputWidth: Int { terms[0].inputWidth }
  /// The width that all terms return.
  public var outputWidth: Int { terms[0].outputWidth }

  /// `Σ A_i x`.
  public func apply(_ x: Vectors) -> Vectors {
    terms.dropFirst().reduce(terms[0].apply(x)) { $0 + $1.apply(x) }
  }
  /// `Σ A_iᵀ y`.
  public func applyAdjoint(_ y: Vectors) -> Vectors {
    terms.dropFirst().reduce(terms[0].applyAdjoint(y)) { $0 + $1.applyAdjoint(y) }
  }
}

/// A map times a number.
public struct Scaled<Vectors: VectorBatch>: LinearOperator {
  /// The number.
  public let factor: Vectors.Scalar
  /// The map that is scaled.
  public let base: any LinearOperator<Vectors>

  /// `factor · base`.
  public init(factor: Vectors.Scalar, base: any LinearOperator<Vectors>) {
    self.factor = factor
    self.base = base
  }

  /// The base's input width.
  public var inputWidth: Int { base.inputWidth }
  /// The base's output width.
  public var outputWidth: Int { base.outputWidth }
  /// That of the base.
  public var batchCost: Double { base.batchCost }
  /// That of the base.
  public var vectorCost: Double { base.vectorCost }

  /// `α A x`.
  public func apply(_ x: Vectors) -> Vectors { factor * base.apply(x) }
  /// `α Aᵀ y`.
  public func applyAdjoint(_ y: Vectors) -> Vectors { factor * base.applyAdjoint(y) }
}

/// The identity on vectors of one width.
public struct Identity<Vectors: VectorBatch>: LinearOperator {
  /// Width of the vectors.
  public let width: Int

  /// The identity on vectors of `width` components.
  public init(width: Int) { self.width = width }

  /// The width.
  public var inputWidth: Int { width }
  /// The width.
  public var outputWidth: Int { width }

  /// `x`.
  public func apply(_ x: Vectors) -> Vectors { x }
  /// `y`.
  public func applyAdjoint(_ y: Vectors) -> Vectors { y }
}
