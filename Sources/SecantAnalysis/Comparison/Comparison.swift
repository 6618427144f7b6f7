import Foundation
public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports
import SecantTokenizers

extension Model {
  /// Two explanations side by side: of two prompts, or of one by two models, or both.
  ///
  /// Costs both explanations and, where they fit the time that a person waits or all spectra are asked for, the
  /// leading triplets of both joint maps. Where one model, or two of one shape, read both prompts, what changed is
  /// accounted for as ``difference(_:from:by:_:progress:)`` does, for about three passes more, or four if the prompts
  /// differ in length. Of one model the differences of the chosen tokens' maps are decomposed, for what both sides'
  /// own decompositions cost.
  ///
  /// - Parameters:
  ///   - prompt: What this model reads.
  ///   - other: What the other reads; the same where nil.
  ///   - model: The other model; this one where nil.
  ///   - options: What the explanations should contain; a position from the end and a target mean the same in
  ///     both, as far as there is such a token.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in a prompt or the options cannot be satisfied.
  public func compare(
    _ prompt: PromptInput, with other: PromptInput? = nil, by model: Model<S>? = nil,
    _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> ComparisonReport {
    let second = model ?? self
    let work = try comparisonWork(prompt, with: other, by: second, options)
    try work.requireMemory()
    let parts = ProgressParts(work.parts, progress)
    let isOneModel = isSame(as: second)
    let hasOneVocabulary = isOneModel || hasSameVocabulary(as: second)
    let a = try explained(try validated(prompt), work.first, progress: parts.handler(0))
    var others = options
    // Tokens that the user names are the same on both sides, and so is what is subtracted.
    if hasOneVocabulary, case .logits(of: .tokens, _) = options.target {
      others.target = options.target.settled(as: a.report.target)
    }
    // Named parts of a text are those of the first prompt: a word that was exchanged has another's name there.
    let isAligned = work.first.cost.scope.tokens == work.second.cost.scope.tokens
    var shared: TokenSpans?
    if isAligned, hasOneVocabulary, case .spans = options.grouping { shared = a.spans }
    let b = try second.explained(
      second.validated(other ?? prompt), work.second.replacingOptions(others), spans: shared,
      progress: parts.handler(1))
    let space = isOneModel ? OverlapSpace.output : hasOneVocabulary ? .logits : nil
    func overlap(_ left: TruncatedSVD<S>, _ right: TruncatedSVD<S>) -> ComparisonReport.Overlap? {
      guard let space else { return nil }
      let count = min(left.left.rows, right.left.rows)
      return .init(
        self.basis(left.left.rows(0..<count), in: space),
        second.basis(right.left.rows(0..<count), in: space))
    }

    let hasOneTarget =
      hasOneVocabulary
      ? a.report.target.isSame(as: b.report.target)
      : a.report.target.label == b.report.target.label
    let (tokens, otherTokens) = (a.readTokens, b.readTokens)
    let alignment =
      hasOneVocabulary
      ? Alignment(tokens.map(\.id), otherTokens.map(\.id))
      // Bytes, not characters: different spellings of one character are different tokens.
      : Alignment(tokens.map { Array($0.text.utf8) }, otherTokens.map { Array($0.text.utf8) })
    let pairs = alignment.pairs.map { pair in
      let shares = (
        pair.first.map { a.report.shares.tokens[$0].value } ?? 0,
        pair.second.map { b.report.shares.tokens[$0].value } ?? 0
      )
      var common: ComparisonReport.Overlap?
      if let i = pair.first, let j = pair.second {
        if let first = a.decomposition(at: i), let second = b.decomposition(at: j) {
          common = overlap(first, second)
        }
      }
      return ComparisonReport.Pair(
        first: pair.first, second: pair.second, isSameToken: pair.isCommon,
        shareDifference: hasOneTarget ? shares.1 - shares.0 : nil, overlap: common)
    }
    let meter = WorkMeter(work.parts[2], report: parts.handler(2))
    meter.begin(.contributions)
    let account = try account(a, b, by: second, options, meter: meter)
    meter.begin(.singularVectors)
    let differences = try work.maps.map { maps throws(InputError) in
      try mapDifferences(a, b, maps, meter: meter)
    }
    var joint: ComparisonReport.Overlap?
    if space != nil, work.includesJoint {
      joint = overlap(
        jointTriplets(of: a.family, a.work.cost, options, meter: meter),
        second.jointTriplets(of: b.family, b.work.cost, options, meter: meter))
    }
    meter.end()
    let chances = (probabilities(a.predicted.logits), second.probabilities(b.predicted.logits))
    return ComparisonReport(
      first: a.report, second: b.report, hasOneTarget: hasOneTarget, pairs: pairs,
      spanPairs: Self.spanPairs(a.report.shares, b.report.shares, hasOneTarget: hasOneTarget),
      mapDifferences: differences, overlap: joint, overlapSpace: space?.rawValue,
      predictionDistance: hasOneVocabulary ? distance(chances.0, chances.1) : nil,
      candidates: candidates(a, chances.0, b, chances.1, of: second, hasOneVocabulary),
      difference: account?.ledger, circuit: account?.circuit,
      notes: notes + second.notes.filter { !notes.contains($0) } + a.predicted.notes
        + b.predicted.notes.filter { !a.predicted.notes.contains($0) }
        + Self.notes(hasOneTarget: hasOneTarget, space: space) + (account?.notes ?? [])
        + Self.notes(on: differences, of: work.maps) + (space == nil ? [] : work.notes))
  }

  /// The parts of both texts side by side; nil where tokens are not counted together.
  private static func spanPairs(
    _ a: ExplanationReport.Shares, _ b: ExplanationReport.Shares, hasOneTarget: Bool
  ) -> [ComparisonReport.SpanPair]? {
    guard let first = a.grouping?.spans, let second = b.grouping?.spans else { return nil }
    return Alignment(first.map(\.name), second.map(\.name)).pairs.map { pair in
      let values = (
        pair.first.map { first[$0].value } ?? 0, pair.second.map { second[$0].value } ?? 0
      )
      return .init(
        first: pair.first, second: pair.second, isSame: pair.isCommon,
        shareDifference: hasOneTarget ? values.1 - values.0 : nil)
    }
  }

  private static func notes(hasOneTarget: Bool, space: OverlapSpace?) -> [String] {
    var notes: [String] = []
    if !hasOneTarget {
      notes.append(
        "Each side divides the logit of its own prediction over its own runner-up: shares of different targets are "
          + "not subtracted. "
          + "A target given for both makes them comparable.")
    }
    if space == .logits {
      notes.append(
        "Directions of two models are compared by the logits that they change, since their streams have no "
          + "coordinates in common.")
    } else if space == nil {
      notes.append(
        "The models have different vocabularies: directions and predictions are not compared by number."
      )
    }
    return notes
  }

  private static var candidateCount: Int { 5 }

  /// The likeliest tokens of either side, with both sides' probabilities.
  private func candidates(
    _ a: Explained<S>, _ p: [Double], _ b: Explained<S>, _ q: [Double], of second: Model<S>,
    _ hasOneVocabulary: Bool
  ) -> [ComparisonReport.Candidate] {
    func counterpart(_ id: Int, from mine: Model<S>, to other: Model<S>) -> Int? {
      if hasOneVocabulary { return id }
      guard let bytes = try? mine.tokenizer?.bytes(of: id) else { return nil }
      return other.tokenizer?.token(of: bytes)
    }
    let firsts = a.report.prediction.prefix(Self.candidateCount).map {
      (first: Optional($0.id), second: counterpart($0.id, from: self, to: second))
    }
    let seconds = b.report.prediction.prefix(Self.candidateCount).map {
      (first: counterpart($0.id, from: second, to: self), second: Optional($0.id))
    }
    let others = seconds.filter { pair in !firsts.contains { $0.second == pair.second } }
    let candidates = (firsts + others).map { pair in
      let text = pair.first.map { self.text(of: $0) } ?? pair.second.map { second.text(of: $0) }
      return ComparisonReport.Candidate(
        text: text ?? "", first: pair.first.flatMap { p.indices.contains($0) ? p[$0] : nil },
        second: pair.second.flatMap { q.indices.contains($0) ? q[$0] : nil })
    }
    let order = candidates.indices.sorted {
      let (x, y) = (candidates[$0].largest, candidates[$1].largest)
      return x != y ? x > y : $0 < $1
    }
    return order.map { candidates[$0] }
  }

  /// Whether every token id stands for the same bytes.
  func hasSameVocabulary(as other: Model<S>) -> Bool {
    let count = decoder.configuration.vocabularySize
    guard count == other.decoder.configuration.vocabularySize else { return false }
    guard let tokenizer, let others = other.tokenizer else {
      return tokenizer == nil && other.tokenizer == nil
    }
    guard tokenizer.vocabularyCount == others.vocabularyCount else { return false }
    return (0..<tokenizer.vocabularyCount).allSatisfy {
      (try? tokenizer.bytes(of: $0)) == (try? others.bytes(of: $0))
    }
  }

  /// An orthonormal basis, as rows, of some directions of the output in the space of a comparison.
  private func basis(_ directions: Matrix<S>, in space: OverlapSpace) -> Matrix<S> {
    switch space {
    case .output: return directions
    case .logits:
      // What all logits have in common changes no probability.
      let products = decoder.unembedding.products(directions)
      let centred = (0..<products.rows).map { k in
        let row = products.row(k)
        let mean = S(row.reduce(0.0) { $0 + Double($1) } / Double(max(1, row.count)))
        return row.map { $0 - mean }
      }
      guard directions.rows > 0, directions.rows <= products.columns else { return directions }
      return S.orthonormalRows(Matrix(rows: centred))
    }
  }

  /// The softmax of logits, after the bound that some models put on them.
  private func probabilities(_ logits: [S]) -> [Double] {
    let bounded = decoder.unembedding.bounded(Matrix(row: logits)).elements
    let (peak, total, _) = Kernels.softmaxSums(bounded)
    return bounded.map { exp(Double($0) - Double(peak)) / total }
  }

  private func distance(_ p: [Double], _ q: [Double]) -> Double {
    zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
  }
}

/// Where directions of two explanations are compared.
private enum OverlapSpace: String {
  case output, logits
}

extension Explained {
  /// The tokens up to the analyzed position.
  fileprivate var readTokens: ArraySlice<ExplanationReport.Prompt.Token> {
    report.prompt.tokens.prefix(report.prompt.analysedPosition + 1)
  }
}

extension ExplanationReport.Target {
  /// Whether another target is the same difference of logits, or the direction of the same name.
  fileprivate func isSame(as other: Self) -> Bool {
    tokens == other.tokens && over?.tokens == other.over?.tokens
      && (over == nil) == (other.over == nil) && (tokens.isEmpty ? label == other.label : true)
  }
}

extension ComparisonReport.Candidate {
  fileprivate var largest: Double { max(first ?? 0, second ?? 0) }
}

extension ComparisonReport.Overlap {
  /// The overlap of the spaces of orthonormal rows.
  fileprivate init<S: Scalar>(_ first: Matrix<S>, _ second: Matrix<S>) {
    let cosines = (S.thinSVD(first.timesTranspose(of: second))?.values ?? [])
      .map { min(1, max(0, Double($0))) }
    let squares = cosines.reduce(0) { $0 + $1 * $1 }
    self.init(
      cosines: cosines, meanSquaredCosine: cosines.isEmpty ? 0 : squares / Double(cosines.count))
  }
}
