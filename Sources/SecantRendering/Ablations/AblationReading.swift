import SecantReports

/// The words for an ablation: its parts' names, and the answer in a sentence.
struct AblationReading {
  let report: AblationReport
  private let token: VisibleText
  private let numbers: NumberText

  init(_ report: AblationReport, usesUnicode: Bool) {
    self.report = report
    token = .token(usesUnicode: usesUnicode)
    numbers = NumberText(usesUnicode: usesUnicode)
  }

  /// A part by its name: "head 23.3", "feed-forward 5", "·France", "direction 2 of ·France".
  func name(of part: AblationReport.Part) -> String {
    let tokenName = part.position.map { report.prompt.name(at: $0, token) } ?? ""
    let block = part.block.map(String.init) ?? ""
    switch part.kind {
    case "token": return tokenName
    case "head": return "head \(block).\(part.head.map(String.init) ?? "")"
    case "feed-forward", "block": return "\(part.kind) \(block)"
    case "direction": return "direction \(part.triplet.map(String.init) ?? "") of \(tokenName)"
    default: return VisibleText.prose(usesUnicode: token.usesUnicode)(part.kind)
    }
  }

  /// The lowest factor, at which a picture of all parts is drawn; nil where nothing was measured.
  var lowestKeep: Double? {
    report.parts.flatMap { $0.points.map(\.keep) }.filter(\.isFinite).min()
  }

  /// Whether several factors, or one that is not 0, were measured.
  var showsKeep: Bool { Set(report.parts.flatMap { $0.points.map(\.keep) }) != [0] }

  /// A part with its change at its lowest factor.
  private typealias Change = (part: AblationReport.Part, point: AblationReport.Point)

  /// Of the parts of some kinds, the one with the largest measured change; nil where none was measured.
  private func largestChange(where isMeant: (AblationReport.Part) -> Bool) -> Change? {
    let lowest = report.parts.filter(isMeant).compactMap { part -> Change? in
      part.points.filter(\.keep.isFinite).min { $0.keep < $1.keep }.map { (part, $0) }
    }
    func size(_ point: AblationReport.Point) -> Double {
      point.measured.isFinite ? abs(point.measured) : -1
    }
    return lowest.max { size($0.point) < size($1.point) }
  }

  /// The answer in one or two sentences; nil where nothing was measured.
  ///
  /// "Without head 23.3, ·Paris over ·London falls by 1.92 (predicted 2.10), from 3.10 to 1.18."
  ///
  /// Where no part was named, the token comes first, for it is a part of the question; the largest
  /// change of all follows where another part has it.
  var sentence: String? {
    guard let largest = largestChange(where: { _ in true }) else { return nil }
    guard report.isRanked, largest.part.kind != "token",
      let token = largestChange(where: { $0.kind == "token" })
    else { return sentence(on: largest) }
    return "\(sentence(on: token)) The largest change of all parts: "
      + "\(without(largest)), it \(movement(of: largest.point))."
  }

  private func sentence(on change: Change) -> String {
    let target = report.target
    let what = target.over == nil ? "the \(target.text(token))" : target.name(token)
    let ends = [target.logit, target.logit + change.point.measured].map {
      numbers.fixed($0, decimals: 2)
    }
    let beginning = without(change)
    return "\(beginning.prefix(1).uppercased())\(beginning.dropFirst()), \(what) "
      + "\(movement(of: change.point)), from \(ends[0]) to \(ends[1])."
  }

  /// "without head 23.3", "with 0.5 of ·France".
  private func without(_ change: Change) -> String {
    let part = change.part
    let name =
      part.kind == "feed-forward" ? "feed-forward layer \(part.block ?? 0)" : name(of: part)
    return change.point.keep == 0
      ? "without \(name)" : "with \(numbers.shortest(change.point.keep)) of \(name)"
  }

  /// "falls by 1.92 (predicted 2.10)".
  private func movement(of point: AblationReport.Point) -> String {
    let isRise = point.measured > 0
    let isOpposite = point.measured * point.predicted < 0
    let predicted =
      (isOpposite ? "predicted a \(isRise ? "fall" : "rise") by " : "predicted ")
      + size(point.predicted)
    return "\(isRise ? "rises" : "falls") by \(size(point.measured)) (\(predicted))"
  }

  private func size(_ value: Double) -> String { numbers.fixed(abs(value), decimals: 2) }

  /// How often prediction and measurement part.
  var parting: String {
    let points = report.parts.flatMap(\.points)
    let count = points.count(where: \.isParted)
    return
      "Predicted and measured changes part in \(count) of \(points.count) rows: they differ by more "
      + "than half of the larger one."
  }

  /// What is scaled, by the kinds of part that there are.
  var method: String {
    let kinds = Set(report.parts.map(\.kind))
    let sentences = [
      (["token"], "A token's vector moves toward the mean of all tokens' vectors."),
      (
        ["head", "feed-forward", "block"],
        "A head, layer or block writes the kept part of its output at all positions."
      ),
      (["direction"], "A direction of a token's map keeps that part of the token's vector."),
    ]
    return "Predicted: the frozen map's share of the part. Measured: the model run again. "
      + sentences.filter { !kinds.isDisjoint(with: $0.0) }.map(\.1).joined(separator: " ")
  }
}
