import RealModule
public import SecantOperators

/// A mixture of gated feed-forward layers: each position is given to the k experts that its router finds
/// most likely, `x ↦ Σ_e p_e · expert_e(x)`.
///
/// `p = softmax(W_r x)` over all experts, of which the k largest count; in some models these are divided
/// by their sum.
public struct MixtureOfExperts<S: Scalar>: FeedForward {
  /// W_r `[E, d]`.
  public let router: Weight<S>
  /// The experts, E of them, without biases.
  public let experts: [GatedFeedForward<S>]
  /// k: number of experts that a position is given to.
  public let chosenCount: Int
  /// Whether the shares of the chosen experts are made to add up to 1.
  public let normalizesShares: Bool

  /// What one expert is given.
  struct Assignment {
    let expert: GatedFeedForward<S>
    /// The expert's number.
    let index: Int
    /// The rows that chose it, in ascending order.
    var rows: [Int] = []
    /// Its share p_e in each of them.
    var shares: [S] = []
  }

  /// The outputs for rows `[n, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    var result = Matrix<S>.zero(rows: x.rows, columns: x.columns)
    for assignment in assignments(of: x) {
      var part = assignment.expert.forward(x.gathering(rows: assignment.rows))
      Kernels.scaleRows(&part.elements, width: part.columns, by: assignment.shares)
      Kernels.scatterRows(
        part.elements, width: part.columns, rows: assignment.rows, to: &result.elements)
    }
    return result
  }

  /// The affine map that holds, at their values for x* `[T, d]`, the choice of experts, their shares and
  /// one factor of each expert's gated product.
  public func frozen(at x: Matrix<S>, rule: GateRule) -> FrozenFeedForward<S> {
    let layers = assignments(of: x).flatMap { assignment in
      assignment.expert.frozen(at: x.gathering(rows: assignment.rows), rule: rule).layers.map {
        FrozenFeedForward<S>.Layer(
          positions: assignment.rows, expert: assignment.index,
          branches: $0.branches.map { branch in
            var coefficients = branch.coefficients
            Kernels.scaleRows(
              &coefficients.elements, width: coefficients.columns, by: assignment.shares)
            return .init(projection: branch.projection, coefficients: coefficients)
          }, down: $0.down)
      }
    }
    return FrozenFeedForward(layers: layers)
  }

  /// The experts that any row of `[n, d]` chose, with those rows; of equal shares, the first counts.
  func assignments(of x: Matrix<S>) -> [Assignment] {
    let logits = router.multiply(x)
    var result = experts.enumerated().map { Assignment(expert: $1, index: $0) }
    for row in 0..<x.rows {
      let scores = logits.row(row)
      let largest = scores.reduce(-S.infinity, max)
      let weights = scores.map { S.exp($0 - largest) }
      let chosen = weights.indices
        .sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
        .prefix(chosenCount)
      let total =
        normalizesShares
        ? chosen.reduce(0) { $0 + weights[$1] } : weights.reduce(0, +)
      for expert in chosen {
        result[expert].rows.append(row)
        result[expert].shares.append(weights[expert] / total)
      }
    }
    return result.filter { !$0.rows.isEmpty }
  }
}

extension Matrix {
  /// The rows at the given indices, `[indices.count, columns]`.
  func gathering(rows indices: [Int]) -> Matrix {
    Matrix(
      rows: indices.count, columns: columns,
      elements: Kernels.gatherRows(elements, width: columns, rows: indices))
  }
}
