import SecantCheckpoints

/// The limits, in operations of a matrix product, for work that is done without being requested.
///
/// Measured times never enter, so results depend only on the arguments.
enum Patience {
  /// The operations that two cores do in a second.
  private static let rate = 1.5e11
  /// A few seconds of two cores.
  static let short = 4 * rate
  /// About ten seconds, for questions that look more closely at every map.
  static let long = 3 * short

  /// The tokens, in the given order, whose total work fits into a limit.
  ///
  /// Tokens that cost too much are skipped in favour of later, cheaper ones.
  ///
  /// - Parameters:
  ///   - tokens: The candidates, the most wanted first.
  ///   - limit: The limit.
  ///   - price: The cost of a token, after some others are chosen.
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

  /// A note that says for how many tokens something is shown, and what all of them would take.
  ///
  /// - Parameters:
  ///   - what: The subject of the sentence, such as "Singular vectors are".
  ///   - count: The number of tokens shown.
  ///   - all: The number of all tokens.
  ///   - time: The cost of all tokens.
  ///   - limit: The limit.
  /// - Returns: One or two sentences.
  static func note(
    _ what: String, count: Int, of all: Int, time: Double, limit: Double
  ) -> String {
    let span =
      limit > long ? "half a minute" : limit > short ? "some ten seconds" : "a few seconds"
    let whole = duration(of: time)
    let selections = "--spectra all, --spectra top:N, or positions such as --spectra 0,5,9."
    if count == 0 {
      return
        "\(what) shown for no token, because one alone would take longer than \(span). All \(all) "
        + "tokens would take \(whole): \(selections)"
    }
    return
      "\(what) shown for \(count) of \(all) tokens, those of the largest shares that fit \(span) of "
      + "work. All tokens would take \(whole): \(selections)"
  }

  /// The time that two cores take for some work, in words.
  private static func duration(of work: Double) -> String {
    let seconds = work / rate
    func about(_ value: Double, _ unit: String) -> String {
      let count = Int(max(1, value).rounded(.up))
      return "about \(count) \(unit)\(count == 1 ? "" : "s") of two cores"
    }
    if seconds <= 90 { return about(seconds, "second") }
    if seconds <= 90 * 60 { return about(seconds / 60, "minute") }
    if seconds <= 48 * 3600 { return about(seconds / 3600, "hour") }
    return about(seconds / 86400, "day")
  }
}

extension TokenSelection {
  /// An estimate of the chosen positions before shares are known: as many as a choice by shares is
  /// expected to take.
  ///
  /// They are the last positions or, for `top`, the first ones, which cost most.
  ///
  /// - Parameters:
  ///   - count: Number of tokens up to the analyzed position.
  ///   - automatic: As for ``chosen(by:automatic:)``.
  /// - Returns: Positions without repetition, ascending.
  /// - Throws: A selected position that does not exist.
  func expected(
    among count: Int, automatic: (_ byShare: [Int]) -> [Int]
  ) throws(InputError) -> [Int] {
    var shares = (0..<count).map { Double($0 + 1) }
    if case .top = self { shares.reverse() }
    return try chosen(by: shares, automatic: automatic)
  }

  /// Whether the joint map is decomposed: if all tokens are selected, or if it fits besides the
  /// tokens' own maps.
  ///
  /// - Parameters:
  ///   - time: Its cost.
  ///   - limit: The limit.
  /// - Returns: Whether it is decomposed.
  func includesJoint(taking time: Double, of limit: Double) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .auto, .top, .positions: time <= limit / 2
    }
  }
}
