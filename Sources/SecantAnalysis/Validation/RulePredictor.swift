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
  /// Runs that are differentiated together, at least 1.
  private let runsTogether: Int
  private let outputs: ComponentRows<S>
  private let change: ComponentRows<S>

  init(
    _ decoder: Decoder<S>, _ tokens: [Int], _ others: [Int], direction: [S], mean: [S],
    runsTogether: Int
  ) throws(InputError) {
    (self.decoder, self.direction, self.mean) = (decoder, direction, mean)
    self.runsTogether = max(1, runsTogether)
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
      return products(
        gradients(entering: [a.input])[0].cotangents, withCircuit: withCircuit,
        completing: read(a.output()))
    case .integrated: return integrated(withCircuit: withCircuit)
    case .ledger: return try ledger(withCircuit: withCircuit)
    case .random:
      return Prediction(
        tokens: a.tokens.map { _ in normal(&generator) },
        heads: outputs.headCounts.map { count in (0..<count).map { _ in normal(&generator) } },
        circuit: withCircuit
          ? CircuitScores(
            input: normal(&generator),
            heads: outputs.headCounts.map { count in
              (0..<count).map { _ in normal(&generator) }
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

  var baseline: Matrix<S> {
    decoder.embedding.placed(
      .repeating(row: mean, count: a.input.rows), at: Array(0..<a.input.rows))
  }

  private func integrated(withCircuit: Bool) -> Prediction {
    let (path, start) = (a.input - baseline, baseline)
    let integral = LineIntegral(
      along: path, tolerance: PredictionRule.lineTolerance, limit: PredictionRule.linePoints
    ) { places in
      gradients(entering: places.map { start + S($0) * path }).map {
        .init(value: $0.value, gradient: $0.cotangents.input)
      }
    }
    let tokens = Kernels.groupDots(
      integral.meanGradient.elements, path.elements, width: path.columns)
    return Prediction(
      tokens: tokens, heads: nil, circuit: withCircuit ? betweenPrompts : nil,
      completenessError: Self.error(
        of: tokens, integral.values.1 - integral.values.0))
  }

  /// The gradient's mean between both prompts' vectors, times what every component's output changes by.
  private var betweenPrompts: CircuitScores {
    let path = a.input - b.input
    let points = gradients(
      entering: PredictionRule.circuitPlaces.map { b.input + S($0.place) * path })
    let parts = zip(points, PredictionRule.circuitPlaces).map { point, node in
      (point.cotangents, S(node.weight))
    }
    let none = parts[0].0.adding(-1, parts[0].0)
    return CircuitScores(parts.reduce(none) { $0.adding($1.1, $1.0) }.products(change))
  }

  /// The readout's gradients at some inputs, as many at a time as fit.
  private func gradients(entering inputs: [Matrix<S>]) -> [RunGradient<S>] {
    stride(from: 0, to: inputs.count, by: runsTogether).flatMap { first in
      decoder.gradients(
        of: readout, entering: Array(inputs[first..<min(first + runsTogether, inputs.count)]))
    }
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
    var heads = outputs.headCounts.map { [Double](repeating: 0, count: $0) }
    var gates = outputs.feedForward.map { _ in 0.0 }
    for part in account.parts {
      switch part.component {
      case .head(let block, let head): heads[block][head] += part.sum
      case .gates(let block, _), .perLayerGates(let block): gates[block] += part.sum
      case .content, .positions, .norm, .finalNorm, .weights, .unembedding: break
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
