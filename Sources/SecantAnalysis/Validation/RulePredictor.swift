import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// What a rule says of a prompt.
struct Prediction: Sendable {
  /// The effect of removing each token.
  let tokens: [Double]
  /// The effect of setting each head's output to zero, by block; nil where the rule does not say.
  let heads: [[Double]]?
  /// What each component does of the difference from the counterfactual; nil where it was not asked for.
  let circuit: CircuitScores?
  /// How far the tokens' numbers are from the sum that they should have, relative to it; nil where they
  /// should have none.
  let completenessError: Double?
}

/// One number for every component of a circuit.
struct CircuitScores: Sendable {
  /// The vectors that enter block 0.
  let input: Double
  /// The heads of each block.
  let heads: [[Double]]
  /// The feed-forward layer of each block.
  let feedForward: [Double]

  init(input: Double, heads: [[Double]], feedForward: [Double]) {
    (self.input, self.heads, self.feedForward) = (input, heads, feedForward)
  }

  init(_ products: ComponentProducts) {
    self.init(
      input: products.tokens.reduce(0, +), heads: products.heads,
      feedForward: products.feedForward)
  }
}

/// Asks rules about one prompt and its counterfactual.
struct RulePredictor<S: Scalar> {
  let decoder: Decoder<S>
  /// What is read off the output: the target's direction less the other's, `[d]`.
  let direction: [S]
  /// The mean vector of all tokens `[d]`.
  let mean: [S]
  /// The prompt, frozen by the rule `up`.
  let a: Linearization<S>
  /// The counterfactual, frozen likewise.
  let b: Linearization<S>
  private let outputs: ComponentRows<S>
  private let change: ComponentRows<S>

  init(
    _ decoder: Decoder<S>, _ tokens: [Int], _ others: [Int], direction: [S], mean: [S]
  ) throws(InputError) {
    (self.decoder, self.direction, self.mean) = (decoder, direction, mean)
    a = try decoder.linearize(at: tokens)
    b = try decoder.linearize(at: others)
    outputs = a.componentOutputs(before: tokens.count)
    change = outputs.adding(-1, b.componentOutputs(before: tokens.count))
  }

  private var readout: Readout<S> { Readout(direction, at: a.tokens.count - 1) }

  /// The target of an output `[d]`.
  func read(_ output: [S]) -> Double { Kernels.dot(direction.span, output.span) }

  /// What a rule says.
  ///
  /// - Parameters:
  ///   - rule: The rule.
  ///   - withCircuit: Whether circuits are asked about too.
  ///   - generator: What random numbers are drawn from.
  /// - Returns: One number for each token, and what else the rule has.
  /// - Throws: Nothing for prompts that were frozen.
  func prediction(
    _ rule: PredictionRule, withCircuit: Bool, _ generator: inout SplitMix64
  ) throws(InputError) -> Prediction {
    switch rule {
    case .up, .half, .gate:
      let gate = rule.gateRule ?? .up
      let run = gate == .up ? a : try decoder.linearize(at: a.tokens, gate: gate)
      let bias = read(run.offset())
      return products(
        run.cotangents(of: readout), withCircuit: withCircuit,
        completing: read(a.output()) - bias)
    case .gradient:
      let run = try decoder.differentiate(at: a.tokens)
      return products(
        run.cotangents(of: readout), withCircuit: withCircuit, completing: read(a.output()))
    case .integrated: return try integrated(withCircuit: withCircuit)
    case .ledger: return try ledger(withCircuit: withCircuit)
    case .random:
      return Prediction(
        tokens: a.tokens.map { _ in normal(&generator) },
        heads: outputs.heads.map { rows in
          (0..<rows.columns / outputs.headWidth).map { _ in normal(&generator) }
        },
        circuit: withCircuit
          ? CircuitScores(
            input: normal(&generator),
            heads: outputs.heads.map { rows in
              (0..<rows.columns / outputs.headWidth).map { _ in normal(&generator) }
            }, feedForward: outputs.feedForward.map { _ in normal(&generator) }) : nil,
        completenessError: nil)
    }
  }

  private func products(
    _ asked: ComponentRows<S>, withCircuit: Bool, completing sum: Double
  ) -> Prediction {
    let products = asked.products(outputs)
    return Prediction(
      tokens: products.tokens, heads: products.heads,
      circuit: withCircuit ? CircuitScores(asked.products(change)) : nil,
      completenessError: Self.error(of: products.tokens, sum))
  }

  private static func error(of parts: [Double], _ sum: Double) -> Double {
    abs(parts.reduce(0, +) - sum) / abs(sum)
  }

  // MARK: - Integrated gradients

  private var baseline: Matrix<S> { .repeating(row: mean, count: a.input.rows) }

  private func integrated(withCircuit: Bool) throws(InputError) -> Prediction {
    let path = a.input - baseline
    let asked = try meanCotangents(from: baseline, along: path, steps: PredictionRule.tokenSteps)
    let tokens = Kernels.groupDots(
      asked.input.elements, path.elements, width: path.columns)
    let base = try decoder.linearize(at: a.tokens, entering: baseline)
    let circuit =
      withCircuit
      ? try meanCotangents(
        from: b.input, along: a.input - b.input, steps: PredictionRule.circuitSteps)
      : nil
    return Prediction(
      tokens: tokens, heads: nil,
      circuit: circuit.map { CircuitScores($0.products(change)) },
      completenessError: Self.error(of: tokens, read(a.output()) - read(base.output())))
  }

  /// The mean of the gradients at the midpoints of a line.
  private func meanCotangents(
    from start: Matrix<S>, along path: Matrix<S>, steps: Int
  ) throws(InputError) -> ComponentRows<S> {
    var mean: ComponentRows<S>?
    for step in 0..<steps {
      let place = S((Double(step) + 0.5) / Double(steps))
      let run = try decoder.differentiate(at: a.tokens, entering: start + place * path)
      let asked = run.cotangents(of: readout)
      // The mean of the first ones, moved towards each next.
      mean = mean.map { $0.adding(S(1 / Double(step + 1)), asked.adding(-1, $0)) } ?? asked
    }
    guard let mean else { preconditionFailure("a line has a midpoint") }
    return mean
  }

  // MARK: - The ledger

  private func ledger(withCircuit: Bool) throws(InputError) -> Prediction {
    let base = try decoder.linearize(at: a.tokens, entering: baseline)
    // As many terms as there are positions to look at.
    let both = a.differences(
      with: base, of: readout, detail: .init(terms: a.tokens.count))
    let (forward, reverse) = (assigned(both.forward), assigned(both.reverse))
    let tokens = zip(forward, reverse).map { ($0 - $1) / 2 }
    return Prediction(
      tokens: tokens, heads: nil, circuit: withCircuit ? circuit() : nil,
      completenessError: Self.error(of: tokens, both.forward.real))
  }

  /// An account's entries by token: patterns by what they look at, all else by where it acts.
  private func assigned(_ account: Difference) -> [Double] {
    var result = a.tokens.map { _ in 0.0 }
    for part in account.parts {
      if part.component.kind == .pattern {
        for term in part.terms.joined() { result[term.index] += term.value }
      } else {
        for (position, value) in part.values.enumerated() { result[position] += value }
      }
    }
    return result
  }

  private func circuit() -> CircuitScores {
    let account = a.differences(with: b, of: readout).mean
    var heads = outputs.heads.map { [Double](repeating: 0, count: $0.columns / outputs.headWidth) }
    var gates = outputs.feedForward.map { _ in 0.0 }
    for part in account.parts {
      switch part.component {
      case .head(let block, let head): heads[block][head] += part.sum
      case .gates(let block, _): gates[block] += part.sum
      case .content, .norm, .finalNorm: break
      }
    }
    return CircuitScores(
      input: account.total(of: .content), heads: heads, feedForward: gates)
  }
}

/// A number of the standard normal distribution, by Box and Muller.
private func normal(_ generator: inout SplitMix64) -> Double {
  let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator)
  let v = Double.random(in: 0..<1, using: &generator)
  return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
}
