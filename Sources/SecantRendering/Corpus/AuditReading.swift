import SecantReports

/// What an audit says in sentences.
struct AuditReading {
  let report: AuditReport
  /// How text from outside is shown.
  let prose: VisibleText
  /// How tokens are shown.
  let token: VisibleText

  init(_ report: AuditReport, usesUnicode: Bool) {
    self.report = report
    prose = .prose(usesUnicode: usesUnicode)
    token = .token(usesUnicode: usesUnicode)
  }

  private var numbers: NumberText { NumberText(usesUnicode: prose.usesUnicode) }

  /// What the directions of the side are.
  var kind: String { report.side == "right" ? "what maps read" : "what maps write" }

  /// The answer: how many directions, and which comes first.
  var sentence: String {
    let found = report.found
    let all = numbers.count(report.directionCount)
    let rule = "more than chance does (q < \(numbers.shortest(report.level)))"
    let list = "words of the list “\(prose(report.list.name))”"
    guard let first = found.first else {
      return "None of \(all) directions (\(kind)) carries \(list) \(rule)."
    }
    let words = first.words.filter(\.isListed).prefix(4).map { token($0.text) }
    return
      "\(numbers.count(found.count)) of \(all) directions (\(kind)) \(found.count == 1 ? "carries" : "carry") "
      + "\(list) \(rule). The first is \(first.name): \(words.joined(separator: ", "))."
  }

  /// Whether prompts and predictions say the words, too; nil where no direction was found.
  var saidSentence: String? {
    let found = report.found
    if found.isEmpty { return nil }
    let predicted = found.count { !$0.predicted.isEmpty }
    let prompted = found.count { !$0.prompted.isEmpty }
    return "Of these \(numbers.count(found.count)), \(numbers.count(predicted)) "
      + "\(predicted == 1 ? "has" : "have") a word of the list among the ten likeliest next tokens, "
      + "\(numbers.count(prompted)) in the prompt, and \(numbers.count(report.hiddenCount)) in neither."
  }

  /// All directions with any of the words, beside chance.
  var overallSentence: String {
    let overall = report.overall
    return
      "\(numbers.count(overall.count)) of \(numbers.count(report.directionCount)) directions "
      + "\(overall.count == 1 ? "has" : "have") at least one of the words. By chance it would be \(numbers.short(overall.shuffledMean)) with a shuffled list "
      + "(95 % of them have at most \(numbers.count(overall.shuffledHigh)); p = \(numbers.short(overall.p))), "
      + "and \(numbers.short(overall.randomMean)) with random directions."
  }

  /// What happens without the directions; nil where nothing was measured.
  var ablationSentence: String? {
    let measured = report.directions.compactMap(\.ablation)
    guard let controls = measured.first?.controls else { return nil }
    let beyond = measured.count { $0.isBeyondControl }
    let others = measured.count { $0.prediction != $0.predictionWithout }
    return "Taken away one at a time, \(numbers.count(beyond)) of \(numbers.count(measured.count)) "
      + "\(beyond == 1 ? "changes" : "change") the probability of the words by more than each of \(controls) "
      + "random directions does (by chance it would be one in \(controls + 1)), and \(numbers.count(others)) "
      + "\(others == 1 ? "changes" : "change") the likeliest next token."
  }

  /// How both kinds of chance are measured.
  var method: String {
    "A direction is decoded to \(report.decodedCount) tokens; its count is the number of them that are words of the "
      + "list. p is the larger of two: the part of \(numbers.count(report.samples)) random directions, decoded in "
      + "the same way, whose count is as large, and the part of as many shuffled lists, in which a word of the "
      + "same kind replaces each word (as long, of like frequency). q is the false discovery rate over all "
      + "directions: of those with q < \(numbers.shortest(report.level)), about "
      + "\(numbers.shortest(100 * report.level)) % are expected to be chance. Directions of one prompt, and of like "
      + "prompts, are not independent."
  }

  /// How a direction is taken away.
  var ablationMethod: String {
    "The part of the token's vector along the direction that its map reads is taken away. “Predicted” is the frozen "
      + "map, “measured” a forward pass with nothing frozen. “Random” is the largest change where as long a part "
      + "along a random direction is taken away."
  }

  /// Where else the words are: "prompt", "output", both, or "neither".
  func said(_ direction: AuditReport.Direction) -> String {
    switch (direction.prompted.isEmpty, direction.predicted.isEmpty) {
    case (true, true): "neither"
    case (false, true): "prompt"
    case (true, false): "output"
    case (false, false): "both"
    }
  }
}
