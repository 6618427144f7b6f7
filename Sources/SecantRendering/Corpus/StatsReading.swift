import SecantReports

/// What statistics say in sentences, and in which order.
struct StatsReading {
  let report: StatsReport
  let prose: VisibleText
  let token: VisibleText

  init(_ report: StatsReport, usesUnicode: Bool) {
    self.report = report
    prose = .prose(usesUnicode: usesUnicode)
    token = .token(usesUnicode: usesUnicode)
  }

  private var numbers: NumberText { NumberText(usesUnicode: prose.usesUnicode) }

  /// The kinds of measures, each once, in the order of the report.
  var kinds: [String] {
    report.measures.map(\.kind).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The measures of a kind.
  func measures(of kind: String) -> [StatsReport.Measure] {
    report.measures.filter { $0.kind == kind }
  }

  /// The measures of a kind, or the largest of them where they are more than are listed.
  func listed(_ kind: String, _ count: Int) -> [StatsReport.Measure] {
    let all = measures(of: kind)
    return all.count > count
      ? Array(all.sorted { $0.magnitude > $1.magnitude }.prefix(count)) : all
  }

  /// What a kind is, with its unit.
  func title(of kind: String) -> String {
    switch kind {
    case "prediction": "The likeliest next token: probability, and logit of the target"
    case "share": "Shares of the target by the tokens' role, in logits"
    case "stable-rank": "Stable ranks of tokens' maps by role"
    case "block-stable-rank": "Stable ranks of tokens' maps to the stream after each block"
    case "attention": "What attention of each block gives to the target, in logits"
    case "feed-forward": "What the feed-forward layer of each block gives to the target, in logits"
    case "head": "Heads that carry the difference of both texts, in logits"
    case "gates": "Layers whose gates carry the difference of both texts, in logits"
    default: prose(kind)
    }
  }

  /// The answer: how many measures differ between groups, or the shares by role.
  var sentence: String {
    let items = "\(numbers.count(report.items)) items"
    if let by = report.by {
      let tested = report.measures.filter { $0.q != nil }
      let found = tested.filter { ($0.q ?? 1) < 0.05 }.sorted { ($0.p ?? 1) < ($1.p ?? 1) }
      let names = found.prefix(3).map { "\(prose($0.kind)) \(prose($0.name))" }
      return
        "Over \(items), \(numbers.count(found.count)) of \(numbers.count(tested.count)) measures differ by "
        + "\(prose(by)) (q < 0.05)"
        + (names.isEmpty ? "." : "; first \(names.joined(separator: ", ")).")
    }
    let measures = measures(of: "share")
    let largest = measures.map { abs($0.mean.value) }.max() ?? 0
    let shares = measures.map {
      let (value, low, high) = ($0.mean.value, $0.mean.low, $0.mean.high)
      return "\(prose($0.name)) \(numbers.fixed(value, about: largest)) "
        + "[\(numbers.fixed(low, about: largest)), \(numbers.fixed(high, about: largest))]"
    }
    guard !shares.isEmpty else { return "Means over \(items), with bootstrap intervals of 95 %." }
    return "Over \(items), the target's logit comes from these tokens, by role: "
      + shares.joined(separator: ", ") + "."
  }

  /// What the clusters are, and how far they differ from chance.
  func sentence(on clusters: StatsReport.Clusters) -> String {
    "\(numbers.count(clusters.clusteredCount)) leading directions in \(clusters.clusters.count) clusters: mean cos² "
      + "with the centre \(numbers.short(clusters.cohesion)); of random directions, clustered in the same way, "
      + "\(numbers.short(clusters.randomCohesion))."
  }

  /// The groups of a cluster, the largest first: "hazard 12, everyday 3".
  func groups(of cluster: StatsReport.Cluster) -> String? {
    cluster.groups.map { groups in
      groups.prefix(4).map { "\(prose($0.name)) \($0.count)" }.joined(separator: ", ")
        + (groups.count > 4 ? ", …" : "")
    }
  }
}
