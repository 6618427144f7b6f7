import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// Everything that is measured of rules on one item.
///
/// All changed runs of the item are one batch: what rules say is asked first, and what the model does then.
struct ItemMeasures<S: Scalar> {
  /// The item's prompt and counterfactual.
  let predictor: RulePredictor<S>
  /// A token in the place of each, another than it.
  let replacements: [Int]
  /// What each rule says.
  let predictions: [(rule: PredictionRule, prediction: Prediction)]
  /// Heads that are removed, one at a time.
  let heads: [(block: Int, head: Int)]

  /// Fractions of the tokens that are removed, or kept alone.
  static var tokenFractions: [Double] { [0.1, 0.2, 0.5] }
  /// Fractions of all components that circuits have.
  static var circuitFractions: [Double] { [0.02, 0.05, 0.1, 0.2, 0.5] }
  /// Heads of an item that are removed.
  static var removedHeads: Int { 24 }

  private var count: Int { predictor.a.tokens.count }

  /// What stands in the place of something that is measured: a number of a run.
  private struct Asked {
    var changes: [RunChange<S>] = []
    private var places: [RunChange<S>: Int] = [:]

    /// The place of a change's output among all; equal changes have one.
    mutating func place(of change: RunChange<S>) -> Int {
      if let place = places[change] { return place }
      places[change] = changes.count
      changes.append(change)
      return changes.count - 1
    }
  }

  /// The measures of every rule, by name.
  ///
  /// - Parameter rows: Positions that pass a block together.
  /// - Returns: For each rule the measures that exist.
  func measured(rows: Int) -> [PredictionRule: [String: Double]] {
    var asked = Asked()
    let baseline = predictor.baseline
    let embedded = predictor.decoder.embedding.vectors(of: replacements)
    func without(_ tokens: some Sequence<Int>) -> RunChange<S> {
      RunChange(
        vectors: Dictionary(uniqueKeysWithValues: tokens.map { ($0, baseline.row($0)) }))
    }
    var effects = [
      ("mean", (0..<count).map { asked.place(of: without([$0])) }),
      (
        "replace",
        (0..<count).map { asked.place(of: RunChange(vectors: [$0: embedded.row($0)])) }
      ),
    ]
    if !predictor.decoder.configuration.hasDeltaNetworks {
      effects.append(
        ("mask", (0..<count - 1).map { asked.place(of: RunChange(hidden: [$0])) }))
    }
    let removed = heads.map {
      asked.place(of: RunChange(held: [.head(block: $0.block, $0.head): .scaled(by: 0)]))
    }
    let curves = predictions.map { _, prediction in
      let order = Self.order(prediction.tokens)
      return Self.tokenFractions.map { fraction in
        let most = order.prefix(max(1, Int((fraction * Double(count)).rounded(.up))))
        return (
          removed: asked.place(of: without(most)),
          kept: asked.place(of: without(Set(0..<count).subtracting(most)))
        )
      }
    }
    let circuits = predictions.map { _, prediction in
      prediction.circuit.map { scores in
        Self.circuits(scores).map { (share: $0.share, place: asked.place(of: change($0.kept))) }
      }
    }
    let runs = ChangedRuns(
      of: predictor.decoder, at: predictor.a, other: predictor.b)
    let outputs = runs.outputs(of: asked.changes, rows: rows)
    let whole = predictor.read(outputs.unchanged)
    let other = predictor.read(predictor.b.output())
    let values = asked.changes.indices.map { predictor.read(outputs.changed.row($0)) }

    var result: [PredictionRule: [String: Double]] = [:]
    for (index, (rule, prediction)) in predictions.enumerated() {
      var measures: [String: Double] = [:]
      for (name, places) in effects {
        let real = places.map { whole - values[$0] }
        let said = Array(prediction.tokens.prefix(places.count))
        measures["spearman." + name] = Correlation.spearman(said, real)
        measures["pearson." + name] = Correlation.pearson(said, real)
      }
      let steps = Double(curves[index].count)
      measures["comprehensiveness"] =
        curves[index].reduce(0) { $0 + (whole - values[$1.removed]) / whole } / steps
      measures["sufficiency"] =
        curves[index].reduce(0) { $0 + (whole - values[$1.kept]) / whole } / steps
      if let said = prediction.heads {
        measures["spearman.heads"] = Correlation.spearman(
          heads.map { said[$0.block][$0.head] }, removed.map { whole - values[$0] })
      }
      // Where both prompts give the same there is nothing that a circuit could carry.
      if let circuit = circuits[index], abs(whole - other) > 1e-3 * (abs(whole) + abs(other)) {
        let points = circuit.map { ($0.share, (values[$0.place] - other) / (whole - other)) }
        measures["cpr"] = Self.area([(0, 0)] + points + [(1, 1)]) { $0 }
        measures["cmd"] = Self.area([(0, 0)] + points + [(1, 1)]) { abs(1 - $0) }
      }
      measures["completeness"] = prediction.completenessError
      result[rule] = measures.filter { $0.value.isFinite }
    }
    return result
  }

  /// Tokens by what is said of them, the largest first; of equal ones the earlier.
  private static func order(_ values: [Double]) -> [Int] {
    values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
  }

  /// The area under a curve through some points, straight between them.
  private static func area(_ points: [(x: Double, y: Double)], _ of: (Double) -> Double) -> Double {
    zip(points, points.dropFirst()).reduce(0) {
      $0 + ($1.1.x - $1.0.x) * (of($1.0.y) + of($1.1.y)) / 2
    }
  }

  // MARK: - Circuits

  /// A component of a circuit.
  private enum Node: Hashable {
    case input
    case component(RunChange<S>.Component)
  }

  /// The components of the largest magnitudes, for each fraction of all.
  private static func circuits(_ scores: CircuitScores) -> [(share: Double, kept: Set<Node>)] {
    var nodes: [(node: Node, score: Double)] = [(.input, scores.input)]
    for (block, heads) in scores.heads.enumerated() {
      nodes += heads.enumerated().map { (.component(.head(block: block, $0)), $1) }
    }
    nodes += scores.feedForward.enumerated().map { (.component(.feedForward(block: $0)), $1) }
    let order = nodes.indices.sorted {
      let (a, b) = (abs(nodes[$0].score), abs(nodes[$1].score))
      return a != b ? a > b : $0 < $1
    }
    return circuitFractions.map { fraction in
      let kept = max(1, Int((fraction * Double(nodes.count)).rounded()))
      return (
        share: Double(kept) / Double(nodes.count),
        kept: Set(order.prefix(kept).map { nodes[$0].node })
      )
    }
  }

  /// The run in which what a circuit lacks is held at the counterfactual's outputs.
  private func change(_ kept: Set<Node>) -> RunChange<S> {
    var change = RunChange<S>()
    if !kept.contains(.input) {
      let input = predictor.b.input
      for position in 0..<count where predictor.a.tokens[position] != predictor.b.tokens[position] {
        change.vectors[position] = input.row(position)
      }
    }
    for (n, block) in predictor.decoder.blocks.enumerated() {
      let components =
        (0..<block.attention.headCount).map { RunChange<S>.Component.head(block: n, $0) } + [
          .feedForward(block: n)
        ]
      for component in components where !kept.contains(.component(component)) {
        change.held[component] = .other
      }
    }
    return change
  }
}
