import SecantReports

/// An account of what changed, in words: what its parts and places are called.
struct DifferenceReading {
  let ledger: DifferenceLedger
  let comparison: ComparisonReport
  let numbers: NumberText
  let token: VisibleText
  private var prose: VisibleText { .prose(usesUnicode: token.usesUnicode) }

  /// The account of a comparison; nil where it has none.
  init?(_ comparison: ComparisonReport, usesUnicode: Bool) {
    guard let ledger = comparison.difference else { return nil }
    self.ledger = ledger
    self.comparison = comparison
    numbers = NumberText(usesUnicode: usesUnicode)
    token = .token(usesUnicode: usesUnicode)
  }

  /// What an account is of, the most of it, and where: one sentence.
  var sentence: String {
    let order = ledger.forward
    let kinds = Self.kinds.map { kind -> String in "\(kind.name) \(signed(kind.value(order)))" }
    let most = leaders.map { "; mostly \($0)" } ?? ""
    let change = numbers.fixed(order.real, decimals: 2)
    return "\(subject) changes by \(change): \(kinds.joined(separator: ", "))\(most)."
  }

  /// The circuit, what it should give and what it gives: two sentences; nil where there is none.
  var circuit: String? {
    guard let circuit = comparison.circuit else { return nil }
    func part(_ value: Double) -> String {
      "\(signed(value)) (\(numbers.percent(value / circuit.difference)))"
    }
    let all =
      circuit.size == 1 ? "The largest" : "The \(numbers.count(circuit.size)) largest"
    let sum = circuit.size == 1 ? "is" : "sum to"
    return "Circuit: \(all) of \(numbers.count(circuit.entryCount)) entries \(sum) "
      + "\(part(circuit.predicted)) of \(signed(circuit.difference)). A run of B with only these parts "
      + "from A changes by \(part(circuit.real))."
  }

  /// The four kinds of parts, and what each gave.
  static var kinds: [(name: String, value: (DifferenceLedger.Order) -> Double)] {
    [
      ("content", { $0.content }), ("attention patterns", { $0.patterns }),
      ("gates", { $0.gates }), ("norms", { $0.norms }),
    ]
  }

  /// Which logit it is, or which over which.
  var subject: String {
    ledger.target.over == nil
      ? "The \(ledger.target.text(token))" : ledger.target.name(token)
  }

  func signed(_ value: Double, decimals: Int = 2) -> String {
    numbers.fixed(value, decimals: decimals, withPlus: true)
  }

  // MARK: - Parts and places

  /// A part by its name, with its block: "head 23.0", "gates 25".
  func part(_ entry: DifferenceLedger.Entry) -> String {
    let block = entry.block.map(String.init) ?? ""
    switch entry.kind {
    case "content": return "content"
    case "pattern": return "head \(block).\(entry.head.map(String.init) ?? "")"
    case "gate":
      return "gates \(block)" + (entry.expert.map { ", expert \($0)" } ?? "")
    case "norm":
      return entry.block == nil
        ? "final norm" : "norm \(block), \(prose(entry.norm ?? ""))"
    default: return prose(entry.kind)
    }
  }

  /// The token at a position, or both where they differ.
  func tokens(at position: Int) -> String {
    let texts = [comparison.first, comparison.second].map { $0.prompt.tokenText(at: position) }
    let shown = texts.map { token($0) }
    return texts[0] == texts[1] ? shown[0] : "\(shown[0])/\(shown[1])"
  }

  /// The terms that divide an entry, largest first: "neuron 12 +0.31", "from 3 ·France +2.90".
  func terms(of entry: DifferenceLedger.Entry, in order: DifferenceLedger.Order) -> [String] {
    order.terms(of: entry).map { term in
      let name =
        term.source.map { "from \($0) \(tokens(at: $0))" }
        ?? "neuron \(term.neuron.map(String.init) ?? "")"
      return "\(name) \(signed(term.value))"
    }
  }

  // MARK: - What leads

  /// Entries that a sentence names.
  private static let named = 3

  /// The largest entries of the difference's sign, those of one kind and place together; nil for none.
  private var leaders: String? {
    let order = ledger.forward
    let leading = order.wholeEntries.filter { $0.value * order.real > 0 }.prefix(Self.named)
    var groups: [[DifferenceLedger.Entry]] = []
    for entry in leading {
      let group = groups.firstIndex {
        $0[0].kind == entry.kind && $0[0].position == entry.position
          && ($0[0].block == nil) == (entry.block == nil)
      }
      if let group { groups[group].append(entry) } else { groups.append([entry]) }
    }
    return groups.isEmpty ? nil : groups.map(name).list
  }

  private func name(_ group: [DifferenceLedger.Entry]) -> String {
    let position = group[0].position
    let place =
      position == ledger.position && comparison.first.prompt.isReadToTheEnd
      ? "the last position" : tokens(at: position)
    var numbers: [String] = []
    func name(_ one: String, _ several: String, _ number: (DifferenceLedger.Entry) -> String)
      -> String
    {
      for entry in group where !numbers.contains(number(entry)) { numbers.append(number(entry)) }
      return "the \(numbers.count == 1 ? one : several) \(numbers.list) at \(place)"
    }
    func block(_ entry: DifferenceLedger.Entry) -> String { entry.block.map(String.init) ?? "" }
    switch group[0].kind {
    case "pattern":
      return name("pattern of head", "patterns of heads") {
        "\(block($0)).\($0.head.map(String.init) ?? "")"
      }
    case "gate":
      return name("feed-forward gates of block", "feed-forward gates of blocks", block)
    case "norm" where group[0].block != nil:
      return name("norms of block", "norms of blocks", block)
    case "norm": return "the final norm"
    default: return "the content at \(place)"
    }
  }
}
