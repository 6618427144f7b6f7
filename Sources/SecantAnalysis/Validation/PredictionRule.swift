import SecantDecoders

/// A rule that says what the tokens, heads and other components of a prompt do, without changing any.
public enum PredictionRule: String, Hashable, Sendable, CaseIterable {
  /// Shares by the gate rule `up`.
  case up
  /// Shares by the gate rule `half`.
  case half
  /// Shares by the gate rule `gate`.
  case gate
  /// Gradient times input.
  case gradient
  /// Integrated gradients from the mean vector.
  case integrated
  /// The difference ledger against a prompt of mean vectors.
  case ledger
  /// Random numbers: the floor.
  case random

  /// The gate rule whose frozen maps it uses; nil where it uses none.
  var gateRule: GateRule? {
    switch self {
    case .up: .up
    case .half: .half
    case .gate: .gate
    case .gradient, .integrated, .ledger, .random: nil
    }
  }

  /// What the rule predicts, of what, and why: sentences.
  var definition: String {
    switch self {
    case .up, .half, .gate:
      """
      Shares, with the factor \"\(rawValue)\" of gated products linear. Of a token w·J_i x_i, as explain shows it. \
      Of a head what passes through it at all positions: the cotangent of its output times its output, which is what \
      its removal would cost if nothing else changed. In circuits that cotangent times the output's change from the \
      counterfactual.
      """
    case .gradient:
      """
      The ordinary Jacobian in place of the detached one. Of a token its gradient times its vector, of a head its \
      gradient times its output, in circuits its gradient times the output's change from the counterfactual \
      (attribution patching): what each would cost to first order.
      """
    case .integrated:
      """
      Integrated gradients. Of a token the gradient's mean along a straight line from a prompt of mean vectors, \
      times its vector's distance from the mean: for an exact integral they sum to the difference of both \
      outputs. Panels of the line are halved until the sum is off by at most \(Self.lineTolerancePercent) %, or \
      \(Self.linePoints) points are used. In circuits the gradient's mean by the \(Self.circuitPlaces.count) points \
      of Gauss and Legendre on the line between both prompts' vectors, times the output's change. It says nothing of \
      single heads.
      """
    case .ledger:
      """
      The exact account of the difference from a prompt of mean vectors, the mean of both orders. Of a token \
      the content, gates and norms at its position, and of every attention pattern the part that looks at it: they \
      sum to the difference of both outputs. In circuits, the account of the difference from the \
      counterfactual: patterns of a head, gates of a block. It says nothing of a head's removal.
      """
    case .random: "Normal random numbers, from the seed: what a rule must beat."
    }
  }

  /// What the integral of a token's gradient may be off, relative to what it should be.
  static let lineTolerance = 0.05
  /// Points of the line after which no panel is halved.
  static let linePoints = 128
  private static var lineTolerancePercent: Int { Int(lineTolerance * 100) }
  /// The points of Gauss and Legendre between 0 and 1, exact for polynomials of degree 9.
  static let circuitPlaces: [(place: Double, weight: Double)] = {
    let outer: [(Double, Double)] = [
      (0.9061798459386640, 0.2369268850561891), (0.5384693101056831, 0.4786286704993665),
    ]
    let signed = outer.map { (-$0.0, $0.1) } + [(0, 128.0 / 225)] + outer
    return signed.map { (place: (1 + $0.0) / 2, weight: $0.1 / 2) }
  }()

  /// Rules from their names between commas; nil where one is no rule, or comes twice.
  public static func list(_ spelling: String) -> [PredictionRule]? {
    let names = spelling.split(separator: ",", omittingEmptySubsequences: false)
    let rules = names.compactMap { PredictionRule(rawValue: String($0)) }
    return rules.count == names.count && Set(rules).count == rules.count ? rules : nil
  }
}
