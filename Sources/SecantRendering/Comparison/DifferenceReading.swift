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
    let kinds = kinds.map { kind -> String in "\(kind.name) \(signed(kind.value(order)))" }
    let own = exchanged.map { "; \($0)" } ?? ""
    let most = leaders.map { "; mostly \($0)" } ?? ""
    let change = numbers.fixed(order.real, about: order.real)
    return "\(subject) changes by \(change): \(kinds.joined(separator: ", "))\(own)\(most)."
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

  /// The kinds of parts, and what each gave; weights where two models differ.
  var kinds: [(name: String, value: (DifferenceLedger.Order) -> Double)] {
    [
      ("content", { $0.content }), ("attention patterns", { $0.patterns }),
      ("gates", { $0.gates }), ("norms", { $0.norms }),
    ] + (ledger.forward.weights == nil ? [] : [("weights", { $0.weights ?? 0 })])
  }

  /// Which logit it is, or which over which.
  var subject: String {
    ledger.target.over == nil
      ? "The \(ledger.target.text(token))" : ledger.target.name(token)
  }

  /// A part of what really changed.
  func signed(_ value: Double, decimals least: Int = 2) -> String {
    numbers.fixed(value, about: ledger.forward.real, least: least, withPlus: true)
  }

  // MARK: - Parts and places

  /// A part by its name, with its block: "head 23.0", "gates 25".
  func part(_ entry: DifferenceLedger.Entry) -> String {
    let block = entry.block.map(String.init) ?? ""
    switch entry.kind {
    case "token": return "\(unit), as normalized"
    case "content": return "content"
    case "pattern": return "head \(block).\(entry.head.map(String.init) ?? "")"
    case "gate":
      return (entry.matrix.map { prose($0) + " " } ?? "") + "gates \(block)"
        + (entry.expert.map { ", expert \($0)" } ?? "")
    case "norm":
      return entry.block == nil
        ? "final norm" : "norm \(block), \(prose(entry.norm ?? ""))"
    case "weights":
      let matrix = prose(entry.matrix ?? "")
      return entry.block == nil
        ? matrix
        : "weights \(block), \(matrix)" + (entry.expert.map { ", expert \($0)" } ?? "")
    default: return prose(entry.kind)
    }
  }

  /// The token at a position, or both where they differ: "·France/·Spain"; "·French (in A)" if one prompt lacks
  /// it.
  ///
  /// - Parameters:
  ///   - position: The position, in the longer prompt.
  ///   - mark: What follows the text.
  /// - Returns: The text, with what a prompt lacks said behind it.
  func tokens(at position: Int, mark: String = "") -> String {
    var (first, second): (Int?, Int?) = (position, position)
    if let masked = ledger.masked {
      if masked.prompt == "first" {
        first = masked.place(of: position)
      } else {
        second = masked.place(of: position)
      }
    }
    func text(_ side: ExplanationReport, _ place: Int) -> String {
      token(side.prompt.tokenText(at: place))
    }
    guard let first else { return "\(text(comparison.second, position))\(mark) (in B)" }
    guard let second else { return "\(text(comparison.first, position))\(mark) (in A)" }
    let (a, b) = (text(comparison.first, first), text(comparison.second, second))
    return (a == b ? a : "\(a)/\(b)") + mark
  }

  /// Where an entry acts: at a token, or in a part of the text.
  func place(of entry: DifferenceLedger.Entry) -> String {
    guard let span = span(of: entry) else { return tokens(at: entry.position) }
    let name = String(span.name.drop(while: \.isWhitespace))
    return name.isEmpty ? token(span.name) : prose(name)
  }

  /// Where an entry acts, with the position of a token that reads like another: "·the/·a@57".
  private func distinctPlace(of entry: DifferenceLedger.Entry) -> String {
    let (place, position) = (place(of: entry), entry.position)
    let isRepeated =
      span(of: entry) == nil
      && (0...max(ledger.position, position)).contains { $0 != position && tokens(at: $0) == place }
    return isRepeated ? tokens(at: position, mark: "@\(position)") : place
  }

  /// The part of the text that an entry is of; nil where tokens are by themselves.
  private func span(of entry: DifferenceLedger.Entry) -> DifferenceLedger.Grouping.Span? {
    guard let spans = ledger.grouping?.spans, let index = entry.span, spans.indices.contains(index)
    else { return nil }
    return spans[index]
  }

  /// What an entry acts at: "token", "word", "sentence", "line", "turn" or "span".
  private var unit: String {
    guard let by = ledger.grouping?.by else { return "token" }
    return ["word", "sentence", "line", "turn"].contains(by) ? by : "span"
  }

  // MARK: - Entries as they are read

  /// An entry as it is read, or several that say one thing together.
  struct Line {
    /// The entry; of several their sum, with the kind "token".
    let entry: DifferenceLedger.Entry
    /// What is summed; empty where it is one.
    let parts: [DifferenceLedger.Entry]
  }

  /// The entries of an order as they are read, largest magnitude first; their sum is that of the entries.
  ///
  /// A vector that enters block 0 is made to one length there: of a short and a long one, content and the
  /// norms' scale each give much that the other takes back. So of every place whose vector changed, the content and the
  /// norms of block 0 are one line: the token, as normalized.
  func lines(of order: DifferenceLedger.Order) -> [Line] {
    struct Place: Hashable {
      let position: Int
      let span: Int?
    }
    func isEntering(_ entry: DifferenceLedger.Entry) -> Bool {
      entry.kind == "content" || (entry.kind == "norm" && entry.block == 0)
    }
    let whole = order.wholeEntries
    let entering = Dictionary(grouping: whole.filter(isEntering)) {
      Place(position: $0.position, span: $0.span)
    }.filter { $0.value.contains { $0.kind == "content" } && $0.value.count > 1 }
    let folded = entering.map { place, parts in
      Line(
        entry: .init(
          kind: "token", position: place.position, span: place.span,
          value: parts.reduce(0) { $0 + $1.value }), parts: parts)
    }
    let others = whole.filter { entry in
      !isEntering(entry) || entering[Place(position: entry.position, span: entry.span)] == nil
    }
    let all =
      others.map { Line(entry: $0, parts: []) }
      + folded.sorted { $0.entry.position < $1.entry.position }
    return all.enumerated().sorted {
      let (a, b) = (abs($0.element.entry.value), abs($1.element.entry.value))
      return a != b ? a > b : $0.offset < $1.offset
    }.map(\.element)
  }

  /// What a line is made of, or the terms that divide its entry.
  func terms(of line: Line, in order: DifferenceLedger.Order) -> [String] {
    line.parts.isEmpty
      ? terms(of: line.entry, in: order)
      : line.parts.map { "\(part($0)) \(signed($0.value))" }
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

  /// What the exchanged tokens gave by themselves; nil where all tokens are others, as of two models.
  private var exchanged: String? {
    let order = ledger.forward
    let own = lines(of: order).map(\.entry).filter { $0.kind == "token" || $0.kind == "content" }
    guard let first = own.first, ledger.forward.weights == nil, own.count <= 8 else { return nil }
    let sum = signed(own.reduce(0) { $0 + $1.value })
    return own.count == 1
      ? "\(distinctPlace(of: first)) itself, as normalized, \(sum)"
      : "the \(own.count) exchanged \(unit)s themselves, as normalized, \(sum)"
  }

  /// The largest entries of the difference's sign, those of one kind and place together; nil for none.
  private var leaders: String? {
    let order = ledger.forward
    // What was exchanged is said before, where it is said apart.
    let isSaid = exchanged != nil
    let leading = lines(of: order).map(\.entry).filter { entry in
      entry.value * order.real > 0
        && !(isSaid && (entry.kind == "token" || entry.kind == "content"))
    }.prefix(Self.named)
    var groups: [[DifferenceLedger.Entry]] = []
    for entry in leading {
      let group = groups.firstIndex {
        $0[0].kind == entry.kind && $0[0].position == entry.position
          && $0[0].matrix == entry.matrix
          && ($0[0].block == nil) == (entry.block == nil)
      }
      if let group { groups[group].append(entry) } else { groups.append([entry]) }
    }
    return groups.isEmpty ? nil : groups.map(name).list
  }

  private func name(_ group: [DifferenceLedger.Entry]) -> String {
    let position = group[0].position
    let isLast =
      group[0].span == nil && position == ledger.position
      && comparison.first.prompt.isReadToTheEnd
    let place = isLast ? "the last position" : distinctPlace(of: group[0])
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
      let kind = group[0].matrix.map { "\(prose($0))" } ?? "feed-forward"
      return name("\(kind) gates of block", "\(kind) gates of blocks", block)
    case "norm" where group[0].block != nil:
      return name("norms of block", "norms of blocks", block)
    case "norm": return "the final norm"
    case "weights" where group[0].block != nil:
      let matrix = prose(group[0].matrix ?? "")
      return name("\(matrix) weights of block", "\(matrix) weights of blocks", block)
    case "weights": return "the \(prose(group[0].matrix ?? ""))"
    case "token": return "the \(unit) \(distinctPlace(of: group[0])), as normalized"
    default: return "the content at \(place)"
    }
  }
}
