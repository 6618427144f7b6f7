import SecantCheckpoints

/// What a person waits for, in operations of a matrix product: the measure of what is done without being asked for.
///
/// No measured time enters, so that what is found depends on the arguments alone.
enum Patience {
  /// Some seconds of two cores.
  static let short = 6e11
  /// Some ten seconds: of questions that look at every map more closely.
  static let long = 3 * short

  /// Tokens whose work fits into an amount together, taken in the given order.
  ///
  /// What is too dear is passed over, so that cheaper tokens after it have their turn.
  ///
  /// - Parameters:
  ///   - tokens: Those that are wanted, the most wanted first.
  ///   - limit: The amount.
  ///   - price: What a token takes, once some others are chosen.
  /// - Returns: The chosen tokens, in the same order.
  static func affordable(
    _ tokens: [Int], within limit: Double, price: (_ token: Int, _ chosen: [Int]) -> Double
  ) -> [Int] {
    var (chosen, left) = ([Int](), limit)
    for token in tokens {
      let own = price(token, chosen)
      if own > left { continue }
      left -= own
      chosen.append(token)
    }
    return chosen
  }

  /// Says of how many tokens something is shown, and what all would take.
  ///
  /// - Parameters:
  ///   - what: What is shown, such as "Singular vectors are".
  ///   - count: Of how many tokens.
  ///   - all: How many there are.
  ///   - time: What all would take.
  ///   - limit: What was allowed.
  /// - Returns: A sentence or two.
  static func note(
    _ what: String, count: Int, of all: Int, time: Double, limit: Double
  ) -> String {
    let span =
      limit > long ? "half a minute" : limit > short ? "some ten seconds" : "a few seconds"
    return
      "\(what) shown for \(count) of \(all) tokens, those of the largest shares that fit \(span) of "
      + "work. All tokens would take about \(Int(max(1, time / limit).rounded(.up))) times as long: "
      + "--spectra all, --spectra top:N, or positions such as --spectra 0,5,9."
  }
}

extension TokenSelection {
  /// The chosen positions before shares are known: as many as a choice by shares is expected to take.
  ///
  /// They are counted from the last; for `top` from the first, which cost most.
  ///
  /// - Parameters:
  ///   - count: Number of tokens up to the analysed position.
  ///   - automatic: As ``chosen(by:automatic:)`` has it.
  /// - Returns: Positions without repetition, ascending.
  /// - Throws: A position that is none of them.
  func expected(
    among count: Int, automatic: (_ byShare: [Int]) -> [Int]
  ) throws(InputError) -> [Int] {
    var shares = (0..<count).map { Double($0 + 1) }
    if case .top = self { shares.reverse() }
    return try chosen(by: shares, automatic: automatic)
  }

  /// Whether the map of all tokens together is decomposed: with all, or where it fits beside the tokens' own.
  ///
  /// - Parameters:
  ///   - time: What it would take.
  ///   - limit: What a person waits for.
  /// - Returns: Whether it is.
  func includesJoint(taking time: Double, of limit: Double) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .auto, .top, .positions: time <= limit / 2
    }
  }
}
