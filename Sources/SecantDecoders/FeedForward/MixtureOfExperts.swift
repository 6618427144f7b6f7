import RealModule
public import SecantOperators

/// A mixture of gated feed-forward layers: the router chooses k experts for each position,
/// `x ↦ Σ_e p_e · expert_e(x)`.
///
/// `p = softmax(W_r x + b_r)` over all experts, of which the k largest count. In some models these are
/// divided by their sum. Some have one more expert, which serves every position: its weight is
/// `σ(W_s x)`, and its number is that after the last.
public struct MixtureOfExperts<S: Scalar>: FeedForward {
  /// W_r `[E, d]`, with its bias.
  public let router: Projection<S>
  /// The experts, E of them.
  public let experts: [GatedFeedForward<S>]
  /// k: number of experts per position.
  public let expertsPerToken: Int
  /// Whether the router weights of the chosen experts are normalized to sum to 1.
  public let normalizesTopK: Bool
  /// The expert that serves every position; nil if there is none.
  public let shared: SharedExpert?

  /// The expert that serves every position.
  public struct SharedExpert: Sendable {
    /// The expert, without biases.
    public let expert: GatedFeedForward<S>
    /// W_s `[1, d]`.
    public let gate: Weight<S>
  }

  /// Whether any expert has biases or constants.
  ///
  /// The router's bias acts inside the frozen choice.
  public var hasOffset: Bool {
    experts.contains { $0.hasOffset } || (shared?.expert.hasOffset ?? false)
  }

  /// The router, the experts' matrices, and those of the expert that serves every position with its gate.
  public var weights: [(kind: ProjectionKind, weight: Weight<S>)] {
    [(.router, router.weight)] + experts.flatMap(\.weights)
      + (shared.map { [(.router, $0.gate)] + $0.expert.weights } ?? [])
  }

  /// The rows of one expert.
  struct Assignment {
    let expert: GatedFeedForward<S>
    /// The expert's number.
    let index: Int
    /// The rows that chose it, in ascending order.
    var rows: [Int] = []
    /// Its router weight p_e in each of them.
    var shares: [S] = []
    /// Its index among all rows' chosen experts: k·row + its place in the row's choice.
    var places: [Int] = []

    /// Adds the expert's outputs for its rows, times its router weights, to the outputs of all
    /// rows.
    func add(_ outputs: Matrix<S>, to result: inout Matrix<S>) {
      var part = outputs
      Kernels.scaleRows(&part.elements, width: part.columns, by: shares)
      Kernels.scatterRows(part.elements, width: part.columns, rows: rows, to: &result.elements)
    }
  }

  /// The outputs for rows `[n, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    var result = Matrix<S>.zero(rows: x.rows, columns: x.columns)
    for assignment in assignments(of: x) {
      assignment.add(
        assignment.expert.forward(x.gathering(rows: assignment.rows)), to: &result)
    }
    return result
  }

  /// The affine map with the choice of experts, their weights and one factor of each
  /// expert's gated product frozen at their values for x* `[T, d]`; and the output there.
  public func frozen(
    at x: Matrix<S>, rule: GateRule
  ) -> (map: FrozenFeedForward<S>, output: Matrix<S>) {
    var layers: [FrozenFeedForward<S>.Layer] = []
    var result = Matrix<S>.zero(rows: x.rows, columns: x.columns)
    for assignment in assignments(of: x) {
      let (map, output) = assignment.expert.frozen(
        at: x.gathering(rows: assignment.rows), rule: rule)
      layers += map.layers.map { $0.serving(assignment) }
      assignment.add(output, to: &result)
    }
    return (FrozenFeedForward(layers: layers), result)
  }

  /// The derivative at x* `[T, d]` with the choice of experts held, and the output there: those chosen vary, and so
  /// do their shares.
  public func differential(
    at x: Matrix<S>
  ) -> (map: any LinearOperator<Tangents<S>>, output: Matrix<S>) {
    let routes = routes(of: x)
    let assignments = routed(routes)
    var outputs = Matrix<S>.zero(rows: x.rows * expertsPerToken, columns: x.columns)
    var result = Matrix<S>.zero(rows: x.rows, columns: x.columns)
    var layers: [FrozenFeedForward<S>.Layer] = []
    for assignment in assignments {
      let (layer, output) = assignment.expert.tangentLayer(
        at: x.gathering(rows: assignment.rows))
      layers.append(layer.serving(assignment))
      assignment.add(output, to: &result)
      Kernels.scatterRows(
        output.elements, width: x.columns, rows: assignment.places, to: &outputs.elements)
    }
    var responses = [router.weight.then(ShareDifferential(routes: routes, outputs: outputs))]
    if let shared, let assignment = sharedAssignment(of: x) {
      let (layer, output) = shared.expert.tangentLayer(at: x)
      layers.append(layer.serving(assignment))
      assignment.add(output, to: &result)
      responses.append(
        shared.gate.then(SharedDifferential(gates: shared.gate.multiply(x), outputs: output)))
    }
    let map = Sum([FrozenFeedForwardMap(FrozenFeedForward(layers: layers))] + responses)
    return (map, result)
  }

  /// The experts that any row of `[n, d]` chose, with those rows.
  func assignments(of x: Matrix<S>) -> [Assignment] {
    routed(routes(of: x)) + (sharedAssignment(of: x).map { [$0] } ?? [])
  }

  /// The expert that serves every row; nil if there is none.
  private func sharedAssignment(of x: Matrix<S>) -> Assignment? {
    shared.map { shared in
      Assignment(
        expert: shared.expert, index: experts.count, rows: Array(0..<x.rows),
        shares: Activation.sigmoid(shared.gate.multiply(x)).elements)
    }
  }

  private func routed(_ routes: Routes) -> [Assignment] {
    var result = experts.enumerated().map { Assignment(expert: $1, index: $0) }
    for (row, chosen) in routes.experts.enumerated() {
      for (place, expert) in chosen.enumerated() {
        result[expert].rows.append(row)
        result[expert].shares.append(routes.probabilities[row, expert])
        result[expert].places.append(row * expertsPerToken + place)
      }
    }
    return result.filter { !$0.rows.isEmpty }
  }

  /// The experts of each row.
  struct Routes {
    /// The k experts that each row chose; of equal probabilities, the first.
    let experts: [[Int]]
    /// The softmax `[n, E]` that gives the router weights: over only the chosen experts if these
    /// are normalized to sum to 1.
    let probabilities: Matrix<S>
  }

  private func routes(of x: Matrix<S>) -> Routes {
    let logits = router.forward(x)
    var experts: [[Int]] = []
    var probabilities = Matrix<S>.zero(rows: x.rows, columns: logits.columns)
    for row in 0..<x.rows {
      let scores = logits.row(row)
      let largest = scores.reduce(-S.infinity, max)
      let weights = scores.map { S.exp($0 - largest) }
      let chosen = Array(
        weights.indices
          .sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
          .prefix(expertsPerToken))
      let sharing = normalizesTopK ? chosen : Array(weights.indices)
      let total = sharing.reduce(0) { $0 + weights[$1] }
      for expert in sharing { probabilities[row, expert] = weights[expert] / total }
      experts.append(chosen)
    }
    return Routes(experts: experts, probabilities: probabilities)
  }
}

extension FrozenFeedForward.Layer {
  /// The same layer as an expert: for the rows that chose it, with its output times its router
  /// weights.
  fileprivate func serving(_ assignment: MixtureOfExperts<S>.Assignment) -> Self {
    func scaled(_ rows: Matrix<S>) -> Matrix<S> {
      var result = rows
      Kernels.scaleRows(&result.elements, width: result.columns, by: assignment.shares)
      return result
    }
    let branches = branches.map { branch in
      FrozenFeedForward<S>.Branch(
        kind: branch.kind, projection: branch.projection,
        coefficients: scaled(branch.coefficients))
    }
    return Self(
      positions: assignment.rows, expert: assignment.index, branches: branches, down: down,
      constants: constants.map(scaled), routerWeights: assignment.shares)
  }
}

/// The effect of the router's logits on a mixture's output, with the choice of experts fixed.
///
/// `dy = Σ_e dp_e · expert_e(x*)` over the chosen experts e, with `dp = p ⊙ (dl − p·dl)`.
struct ShareDifferential<S: Scalar>: LinearOperator {
  /// The experts of each position.
  let routes: MixtureOfExperts<S>.Routes
  /// The outputs of each position's chosen experts, k successive rows per position, `[T·k, d]`.
  let outputs: Matrix<S>

  /// Number of experts E.
  var inputWidth: Int { routes.probabilities.columns }
  /// Width d of the stream.
  var outputWidth: Int { outputs.columns }

  /// The stream's tangents from those of the logits.
  func apply(_ x: Tangents<S>) -> Tangents<S> {
    let positions = x.positions
    var changes = x.rows
    respond(&changes, positions)
    var result = Matrix<S>.zero(rows: x.rows.rows, columns: outputWidth)
    for (row, position) in positions.enumerated() {
      let chosen = routes.experts[position]
      let shares = chosen.map { changes[row, $0] }
      S.multiply(
        1, shares.span, MatrixView(rows: 1, columns: chosen.count), outputs.elements.span,
        view(at: position), 0, into: &result.elements, vector(row))
    }
    return x.replacingRows(result)
  }

  /// The logits' cotangents from those of the stream.
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let positions = y.positions
    var changes = Matrix<S>.zero(rows: y.rows.rows, columns: inputWidth)
    for (row, position) in positions.enumerated() {
      let chosen = routes.experts[position]
      var shares = [S](repeating: 0, count: chosen.count)
      S.multiply(
        1, y.rows.elements.span, vector(row), outputs.elements.span,
        view(at: position).transposed, 0, into: &shares,
        MatrixView(rows: 1, columns: chosen.count))
      for (expert, share) in zip(chosen, shares) { changes[row, expert] = share }
    }
    respond(&changes, positions)
    return y.replacingRows(changes)
  }

  private func respond(_ changes: inout Matrix<S>, _ positions: [Int]) {
    Kernels.softmaxResponse(
      &changes.elements, columns: inputWidth, probabilities: routes.probabilities.elements,
      rows: positions)
  }

  /// The chosen experts' outputs at a position, in `outputs`.
  private func view(at position: Int) -> MatrixView {
    let count = routes.experts[position].count
    return MatrixView(offset: position * count * outputWidth, rows: count, columns: outputWidth)
  }

  /// One row of a matrix of that width.
  private func vector(_ index: Int) -> MatrixView {
    MatrixView(offset: index * outputWidth, rows: 1, columns: outputWidth)
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

/// The effect of the gate of the expert that serves every position: `dy = p (1 − p) ds · expert(x*)`.
private struct SharedDifferential<S: Scalar>: LinearOperator {
  /// p (1 − p) · expert(x*) `[T, d]`.
  let slopes: Matrix<S>

  /// The effect from the gate's argument s* `[T, 1]` and the expert's outputs at every position.
  init(gates: Matrix<S>, outputs: Matrix<S>) {
    var slopes = outputs
    Kernels.scaleRows(
      &slopes.elements, width: outputs.columns, by: Activation.sigmoidSlope(gates).elements)
    self.slopes = slopes
  }

  var inputWidth: Int { 1 }
  var outputWidth: Int { slopes.columns }

  func apply(_ x: Tangents<S>) -> Tangents<S> {
    var rows = slopes.gathering(rows: x.positions)
    Kernels.scaleRows(&rows.elements, width: outputWidth, by: x.rows.elements)
    return x.replacingRows(rows)
  }

  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let dots = Kernels.groupDots(
      y.rows.elements, slopes.gathering(rows: y.positions).elements, width: outputWidth)
    return y.replacingRows(Matrix(rows: dots.count, columns: 1, elements: dots.map { S($0) }))
  }
}
