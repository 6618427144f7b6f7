public import SecantCheckpoints
public import SecantDecoders
public import SecantOperators
public import SecantReports

/// The detached Jacobian of the stream after a block, for a phrase, to be applied to other texts.
///
/// J = [J_0 | … | J_{T−1}] `[d, T·d]` maps the vectors that enter block 0 at the phrase's T tokens
/// to the stream after block n at the last of them: for the phrase itself J x* = h*, minus the
/// contribution of biases. It does not pass the final norm: it is added to, or mixed with, the
/// stream at the same place, so it is in the stream's own units. Source: the paper's section 3.6.
public struct SteeringOperator<S: Scalar>: Sendable {
  /// The form of the map.
  public enum Form: Sendable {
    /// The frozen decoder: nothing is formed, and a product costs a sweep of 2·T·P operations.
    case exact(Jacobian<S>)
    /// The matrix `[d, T·d]`: a product costs 2·T·d² operations.
    case full(DenseOperator<S>)
    /// The leading singular triplets: a product costs 2·r·(T + 1)·d operations.
    case lowRank(LowRankOperator<S>, SteeringDescription.Truncation)
  }

  /// The phrase as the user gave it; nil if the user gave token ids.
  public let text: String?
  /// The phrase's token ids, T of them, special ones included.
  public let tokens: [Int]
  /// The block n after which the map is read and the stream is changed.
  public let block: Int
  /// Which factor of gated products is linear.
  public let rule: GateRule
  /// The model of the map.
  public let model: ModelIdentity
  /// The arithmetic of its computation: "f32" or "f64".
  public let precision: String
  /// The form of the map.
  public let form: Form

  /// A steering operator from its parts.
  init(
    text: String?, tokens: [Int], block: Int, rule: GateRule, model: ModelIdentity,
    precision: String, form: Form
  ) {
    self.text = text
    self.tokens = tokens
    self.block = block
    self.rule = rule
    self.model = model
    self.precision = precision
    self.form = form
  }

  /// T: the number of the phrase's tokens.
  public var tokenCount: Int { tokens.count }
  /// Width d of the stream.
  public var width: Int { map.outputWidth }

  /// The map, `[k, T·d]` to `[k, d]`.
  public var map: any LinearOperator<Matrix<S>> {
    switch form {
    case .exact(let joint): joint
    case .full(let dense): dense
    case .lowRank(let triplets, _): triplets
    }
  }

  /// The same operator as its matrix `[d, T·d]`, at d adjoint products.
  public func formed() -> SteeringOperator {
    if case .full = form { return self }
    return holding(.full(DenseOperator(map.formed())))
  }

  /// The operator reduced to its leading singular triplets.
  ///
  /// Rank d is the full operator, except for rounding. The result includes how much the triplets
  /// keep, and how exact they are.
  ///
  /// - Parameters:
  ///   - rank: The number of triplets, at least 1; larger numbers than d mean d.
  ///   - method: How they are found.
  /// - Returns: An operator whose form is `lowRank`.
  /// - Throws: That the map is not finite.
  public func truncated(
    rank: Int, using method: SVDMethod = .automatic
  ) throws(InputError) -> SteeringOperator {
    precondition(rank >= 1, "a rank of \(rank)")
    let svd = map.triplets(rank: min(rank, width), using: method)
    guard let energy = svd.frobenius, svd.singularValues.count == min(rank, width) else {
      throw .overflow(of: "the steering operator", in: S.self)
    }
    let kept = svd.singularValues.reduce(0) { $0 + Double($1) * Double($1) }
    // The zero map loses nothing.
    let share = energy.value > 0 ? kept / energy.value : 1
    return holding(
      .lowRank(
        LowRankOperator(svd),
        .init(
          rank: svd.singularValues.count, energyKept: min(1, share),
          energyError: energy.value > 0 ? share * (energy.standardError ?? 0) / energy.value : 0,
          residual: svd.residuals.max() ?? 0)))
  }

  private func holding(_ form: Form) -> SteeringOperator {
    SteeringOperator(
      text: text, tokens: tokens, block: block, rule: rule, model: model, precision: precision,
      form: form)
  }
}

// Existential maps with a fixed batch are opened only here.
extension LinearOperator {
  /// The matrix `[output, input]`, by rows.
  fileprivate func formed<S: Scalar>() -> Matrix<S> where Vectors == Matrix<S> { dense() }

  fileprivate func triplets<S: Scalar>(
    rank: Int, using method: SVDMethod
  ) -> TruncatedSVD<S> where Vectors == Matrix<S> { svd(rank: rank, using: method) }
}

extension Model {
  /// The steering operator of a phrase, never formed: one forward pass.
  ///
  /// - Parameters:
  ///   - phrase: A text or token ids.
  ///   - block: The block after which the map is read, from 0.
  ///   - rule: Which factor of gated products is linear.
  /// - Returns: An operator whose form is `exact`.
  /// - Throws: Why the phrase cannot be used, or that there is no such block.
  public func steeringOperator(
    for phrase: PromptInput, after block: Int, gate rule: GateRule = .up
  ) throws(InputError) -> SteeringOperator<S> {
    try checkBlock(block)
    try require(rule)
    let input = try read(phrase)
    return try steeringOperator(
      decoder.linearize(at: input.tokens, gate: rule), text: input.text, after: block)
  }

  /// The steering operator of a linearized phrase.
  func steeringOperator(
    _ linearization: Linearization<S>, text: String?, after block: Int
  ) -> SteeringOperator<S> {
    SteeringOperator(
      text: text, tokens: linearization.tokens, block: block, rule: linearization.rule,
      model: identity, precision: S.precisionName,
      form: .exact(linearization.jointJacobian(after: block)))
  }

  /// - Throws: That there is no such block.
  func checkBlock(_ block: Int) throws(InputError) {
    let count = decoder.configuration.blockCount
    guard (0..<count).contains(block) else {
      throw InputError(
        .invalid, subject: "block \(block)", expected: "a block in 0..<\(count)",
        found: "\(block)", remedy: "count blocks from 0, as in the tensors' names")
    }
  }

  /// An operator as reports describe it.
  func describe(_ steering: SteeringOperator<S>, form: String? = nil) -> SteeringDescription {
    var truncation: SteeringDescription.Truncation?
    if case .lowRank(_, let given) = steering.form { truncation = given }
    return SteeringDescription(
      text: steering.text, tokens: named(steering.tokens), block: steering.block,
      width: steering.width, gateRule: steering.rule.rawValue, precision: steering.precision,
      form: form ?? steering.form.name, truncation: truncation)
  }

  /// Tokens with their texts.
  func named(_ tokens: [Int]) -> [SteeringToken] {
    tokens.map { SteeringToken(id: $0, text: text(of: $0)) }
  }
}

extension SteeringOperator.Form {
  /// The form's name in files and reports.
  var name: String {
    switch self {
    case .exact: "exact"
    case .full: "full"
    case .lowRank: "low-rank"
    }
  }
}

extension InputError {
  /// That numbers are too large for a precision.
  static func overflow<S: Scalar>(of subject: String, in _: S.Type) -> InputError {
    InputError(
      .invalid, subject: "\(subject) in \(S.precisionName)", expected: "finite numbers",
      found: "an overflow",
      remedy: S.self == Float.self ? "use the precision f64" : "check the weights")
  }
}
