public import SecantOperators

/// Outputs of changed runs of one prompt, by real forward passes that share their common parts.
///
/// Decoders are causal: before its first change, a run equals the prompt's own run. So it starts
/// there and takes the earlier keys and values from the prompt's run. All runs of a batch pass a
/// block together, with one product per weight, and only the streams are kept. T runs that change
/// one token each cost about T/2 forward passes; the recurrence of a delta network starts at the
/// first position in each of them.
public struct ChangedRuns<S: Scalar>: Sendable {
  /// The decoder.
  public let decoder: Decoder<S>
  /// The vectors `[T, d]` that enter block 0.
  public let input: Matrix<S>
  /// The vectors of another run of the same length, whose components' outputs may replace some; nil
  /// if none are replaced.
  public let other: Matrix<S>?
  /// The tokens of the run and of the other run, of which per-layer inputs have vectors; empty for a decoder
  /// without such inputs.
  private let tokens: (own: [Int], other: [Int])
  /// The site at which the outputs are read.
  public let site: Site
  /// The position at which they are read.
  public let position: Int

  /// Runs of a decoder at a run that is frozen, and at another.
  ///
  /// - Parameters:
  ///   - decoder: The decoder.
  ///   - run: The prompt's run.
  ///   - other: A run of the same length, whose components' outputs may replace some.
  ///   - site: Where the outputs are read.
  ///   - position: The position at which they are read; the last by default.
  public init(
    of decoder: Decoder<S>, at run: Linearization<S>, other: Linearization<S>? = nil,
    to site: Site = .output, position: Int? = nil
  ) {
    self.init(
      of: decoder, tokens: run.tokens, entering: run.input, otherTokens: other?.tokens ?? [],
      other: other?.input, to: site, position: position)
  }

  /// Runs of a decoder at vectors.
  ///
  /// - Parameters:
  ///   - decoder: The decoder.
  ///   - tokens: The prompt's tokens, of which per-layer inputs have vectors.
  ///   - input: The vectors `[T, d]` that enter block 0.
  ///   - otherTokens: The tokens of the other run.
  ///   - other: The vectors of another run of the same length, whose components' outputs may replace some.
  ///   - site: Where the outputs are read.
  ///   - position: The position at which they are read; the last by default.
  public init(
    of decoder: Decoder<S>, tokens: [Int], entering input: Matrix<S>, otherTokens: [Int] = [],
    other: Matrix<S>? = nil, to site: Site = .output, position: Int? = nil
  ) {
    precondition(other.map { $0.rows == input.rows } ?? true, "runs of different lengths")
    precondition(
      decoder.perLayer == nil
        || (tokens.count == input.rows && otherTokens.count == (other?.rows ?? 0)),
      "one token for each vector")
    let position = position ?? input.rows - 1
    precondition((0..<input.rows).contains(position), "no such position")
    (self.decoder, self.input, self.other) = (decoder, input, other)
    (self.site, self.position) = (site, position)
    self.tokens = (tokens, otherTokens)
  }

  /// Outputs of the final norm at the position that is read.
  public struct Outputs: Hashable, Sendable {
    /// The output of the unchanged prompt, `[d]`.
    public let unchanged: [S]
    /// The output of each change, `[n, d]`.
    public let changed: Matrix<S>
  }

  /// The number of positions that are computed: those up to the position that is read.
  private var count: Int { position + 1 }
  private var depth: (block: Int, place: Site.BlockSite) {
    switch site {
    case .input: preconditionFailure("runs are read in a block or at the output")
    case .output: return (decoder.blocks.count - 1, .residual)
    case .block(let n, let place):
      precondition(decoder.blocks.indices.contains(n), "no such block")
      return (n, place)
    }
  }

  /// The outputs of some changes, in order.
  ///
  /// Costs a forward pass of the positions from each change on, and one of the prompt for each
  /// batch.
  ///
  /// - Parameters:
  ///   - changes: The change of each run.
  ///   - rows: The number of positions, over all runs, that pass a block together; a run is never
  ///     divided.
  ///   - observer: Called after each batch with the number of rows that have passed all blocks.
  /// - Returns: One output for each.
  public func outputs(
    of changes: [RunChange<S>], rows: Int = 4096, observer: (Int) -> Void = { _ in }
  ) -> Outputs {
    var unchanged: [S] = []
    var parts: [Matrix<S>] = []
    for batch in batches(of: changes, rows: rows) {
      let (own, images, passed) = pass(batch)
      unchanged = own
      parts.append(images)
      observer(passed)
    }
    return Outputs(unchanged: unchanged, changed: .stacking(parts, columns: input.columns))
  }

  /// What a readout of several positions is, as it is and after each of some changes, in their order.
  ///
  /// The last of its positions is the one that is read. Costs what ``outputs(of:rows:observer:)`` costs.
  ///
  /// - Parameters:
  ///   - readout: `Σ_t w_t·y_t`.
  ///   - changes: What is other in each run.
  ///   - rows: Positions of all runs together that pass a block at once; a run is never divided.
  ///   - observer: Told, after each batch, how many rows have passed all blocks.
  /// - Returns: The number of the prompt as it is, and one for each change.
  public func values(
    of readout: Readout<S>, after changes: [RunChange<S>], rows: Int = 4096,
    observer: (Int) -> Void = { _ in }
  ) -> (unchanged: Double, changed: [Double]) {
    precondition(readout.positions.upperBound == count, "a readout of other positions")
    func value(_ stream: Matrix<S>, at rows: [Int]) -> Double {
      let output = decoder.finalNorm.forward(stream.gathering(rows: rows))
      return Kernels.dot(readout.directions.elements.span, output.elements.span)
    }
    var (unchanged, changed): (Double, [Double]) = (0, [])
    for batch in batches(of: changes, rows: rows) {
      let (runs, stream) = carried(batch)
      unchanged = value(stream, at: Array(readout.positions))
      var values = [Double](repeating: unchanged, count: batch.count)
      for run in runs {
        guard let index = run.index else { continue }
        // Before its first change a run is the prompt's own.
        let rows = readout.positions.map {
          run.positions.contains($0) ? run.firstRow + $0 - run.positions.lowerBound : $0
        }
        values[index] = value(stream, at: rows)
      }
      changed += values
      observer(stream.rows)
    }
    return (unchanged, changed)
  }

  /// Positions that changes pass together, at most.
  public func passed(by changes: [RunChange<S>]) -> Int {
    let common = common
    return changes.reduce(0) { $0 + length(of: $1, common: common) }
  }

  /// Positions before the first at which the other run differs: what a component gives there is the same in both.
  private var common: Int {
    guard let other else { return 0 }
    return (0..<count).first { input.row($0) != other.row($0) } ?? count
  }

  private func length(of change: RunChange<S>, common: Int) -> Int {
    change.firstBlock == nil ? 0 : max(0, count - change.firstPosition(common: common))
  }

  private func batches(of changes: [RunChange<S>], rows: Int) -> [[RunChange<S>]] {
    var (result, filled): ([[RunChange<S>]], Int) = ([[]], 0)
    let room = rows - (other == nil ? 1 : 2) * count
    let common = common
    for change in changes {
      let length = length(of: change, common: common)
      if filled + length > room, !result[result.count - 1].isEmpty {
        result.append([])
        filled = 0
      }
      result[result.count - 1].append(change)
      filled += length
    }
    return result
  }
}

/// One of the runs of a batch.
private struct Run<S: Scalar>: Sendable {
  /// Its change; empty in the prompt's run and in the other run.
  let change: RunChange<S>
  /// The index of its change; nil for the prompt's run and the other run.
  let index: Int?
  /// Its positions; the last one is the position that is read.
  let positions: Range<Int>
  /// The row of its first position in the stream of all runs.
  let firstRow: Int

  /// Its rows in the stream of all runs.
  var rows: Range<Int> { firstRow..<firstRow + positions.count }
}

extension ChangedRuns {
  /// Carries a batch through the blocks, and reads the outputs.
  ///
  /// - Returns: The prompt's output, those of the changes `[n, d]`, and the rows that were carried.
  private func pass(_ changes: [RunChange<S>]) -> ([S], Matrix<S>, Int) {
    let (runs, stream) = carried(changes)
    // A run that nothing has changed up to the site ends as the prompt's does.
    var ends = [Int](repeating: count - 1, count: changes.count)
    for run in runs {
      if let index = run.index { ends[index] = run.rows.upperBound - 1 }
    }
    let output = decoder.finalNorm.forward(stream.gathering(rows: [count - 1] + ends))
    return (output.row(0), output.rows(1..<output.rows), stream.rows)
  }

  /// Carries a batch through the blocks.
  ///
  /// - Returns: The runs, the prompt's own first, and the stream at the site of all of them.
  private func carried(_ changes: [RunChange<S>]) -> (runs: [Run<S>], stream: Matrix<S>) {
    var runs: [Run<S>] = []
    var stream = Matrix<S>.zero(rows: 0, columns: input.columns)
    // The prompt's own run comes first, then the other run.
    for input in [input, other].compactMap(\.self) {
      runs.append(
        Run(change: RunChange(), index: nil, positions: 0..<count, firstRow: stream.rows))
      stream = .stacking([stream, input.rows(0..<count)], columns: input.columns)
    }
    var beside = RunsBesideStream<S>()
    beside.perLayer = decoder.perLayerVectors(
      of: Array(tokens.own.prefix(count) + tokens.other.prefix(count)), entering: stream)
    let (last, place) = depth
    for n in 0...last {
      let joined = runs.count
      join(changes, from: n, to: &runs, &stream)
      beside.join(runs[joined...], in: stream, entering: n == 0)
      stream = decoder.blocks[n].forward(
        stream, runs, number: n, streamLength: input.rows, to: n == last ? place : .residual,
        &beside)
    }
    return (runs, stream)
  }

  /// Adds the runs whose first change is in a block, with the stream that enters it.
  private func join(
    _ changes: [RunChange<S>], from block: Int, to runs: inout [Run<S>], _ stream: inout Matrix<S>
  ) {
    var parts = [stream]
    var end = stream.rows
    let common = common
    for (index, change) in changes.enumerated() where change.firstBlock == block {
      let start = change.firstPosition(common: common)
      if start >= count { continue }
      var own = stream.rows(start..<count)
      for (position, vector) in change.vectors where position < count {
        precondition(vector.count == input.columns, "a vector of another width")
        Kernels.copy(
          vector, from: 0, count: vector.count, to: &own.elements,
          at: (position - start) * own.columns)
      }
      runs.append(Run(change: change, index: index, positions: start..<count, firstRow: end))
      parts.append(own)
      end += own.rows
    }
    if parts.count > 1 { stream = .stacking(parts, columns: stream.columns) }
  }
}

/// What the blocks of stacked runs read beside the stream, with one row for each row of the stream.
private struct RunsBesideStream<S: Scalar> {
  /// The rotated keys and the normalized values that blocks give to later ones, by the number of the block that
  /// gives them.
  var given: [Int: (keys: Matrix<S>, values: Matrix<S>)] = [:]
  /// The per-layer inputs; nil if there are none.
  var perLayer: PerLayerVectors<S>?

  /// Adds the rows of runs that have just joined.
  ///
  /// Up to the block at which it joins, a run is the prompt's own.
  ///
  /// - Parameters:
  ///   - runs: The runs.
  ///   - stream: The stream before the block, with their rows.
  ///   - entering: Whether the block is the first.
  mutating func join(_ runs: ArraySlice<Run<S>>, in stream: Matrix<S>, entering: Bool) {
    if runs.isEmpty { return }
    func joined(_ rows: Matrix<S>) -> Matrix<S> {
      .stacking([rows] + runs.map { rows.rows($0.positions) }, columns: rows.columns)
    }
    given = given.mapValues { (joined($0.keys), joined($0.values)) }
    guard var vectors = perLayer else { return }
    vectors.entering = entering ? stream : joined(vectors.entering)
    var parts: [Int: TokenPart<S>] = [:]
    for run in runs {
      for (position, part) in run.change.tokenParts where run.positions.contains(position) {
        parts[run.firstRow + position - run.positions.lowerBound] = part
      }
      vectors.tokens += vectors.tokens[run.positions]
      if let factors = vectors.factors {
        vectors.factors?.append(contentsOf: factors[run.positions])
      }
    }
    perLayer = vectors.replacing(parts)
  }
}

extension Block {
  /// The values of stacked runs at one of the block's places.
  fileprivate func forward(
    _ stream: Matrix<S>, _ runs: [Run<S>], number: Int, streamLength: Int,
    to place: Site.BlockSite, _ beside: inout RunsBesideStream<S>
  ) -> Matrix<S> {
    // A layer is held by what is added to the stream, or by what is read of it.
    let heldStep: BlockStep = place == .feedForward ? .feedForward : .feedForwardPostNorm
    let result = walk.forward(stream, to: place) { step, x in
      var output: Matrix<S>
      switch step {
      case .attention:
        return attention.forward(x, runs, block: number, streamLength: streamLength, &beside)
      case .feedForward: output = feedForward.forward(x)
      case .perLayer:
        output = perLayerOutput(x, BesideStream(self, number: number, [:], beside.perLayer))
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        output = norm(step)?.forward(x) ?? x
      case .streamFactor: return scaled(x)
      }
      if step == heldStep || step == .perLayerPostNorm {
        hold(.feedForward(block: number), of: runs, &output)
      }
      return output
    } add: {
      $0 + $1
    }
    guard place == .residual, runs.contains(where: { $0.change.held[.block(number)] != nil }) else {
      return result
    }
    // What the layers add, after the number that multiplies the whole stream.
    let kept = scaled(stream)
    var written = result - kept
    hold(.block(number), of: runs, &written)
    var after = result
    for run in runs where run.change.held[.block(number)] != nil {
      for row in run.rows {
        for column in 0..<after.columns {
          after[row, column] = kept[row, column] + written[row, column]
        }
      }
    }
    return after
  }

  /// Replaces a component's output in those runs that hold it.
  private func hold(
    _ component: RunChange<S>.Component, of runs: [Run<S>], _ output: inout Matrix<S>
  ) {
    for run in runs {
      guard let held = run.change.held[component] else { continue }
      run.hold(&output, 0..<output.columns, at: held, of: runs[1])
    }
  }
}

extension TokenMixer {
  /// The outputs of stacked runs; each also sees the first run's positions before its own.
  fileprivate func forward(
    _ x: Matrix<S>, _ runs: [Run<S>], block: Int, streamLength: Int,
    _ beside: inout RunsBesideStream<S>
  ) -> Matrix<S> {
    var heads =
      switch self {
      case .attention(let layer): layer.heads(x, runs, streamLength: streamLength, &beside)
      case .delta(let layer): layer.heads(x, runs)
      }
    for run in runs {
      for case (.head(block, let head), let held) in run.change.held {
        run.hold(&heads, head * headWidth..<(head + 1) * headWidth, at: held, of: runs[1])
      }
    }
    return output.forward(heads)
  }
}

extension Run {
  /// The rows of the first run before this one's, and then its own.
  fileprivate func seen(_ rows: Matrix<S>) -> Matrix<S> {
    .stacking([rows.rows(0..<positions.lowerBound), rows.rows(self.rows)], columns: rows.columns)
  }
}

extension DeltaNetwork {
  /// The heads' outputs of stacked runs; each starts from the first run's positions before its own.
  fileprivate func heads(_ x: Matrix<S>, _ runs: [Run<S>]) -> Matrix<S> {
    precondition(runs.allSatisfy { $0.change.hidden.isEmpty }, "a delta network hides no positions")
    let rows = projected(x)
    let parts = runs.map { run in
      var state = start
      let heads = headOutputs(rows.mapped { run.seen($0) }, from: &state)
      return heads.rows(run.positions.lowerBound..<heads.rows)
    }
    return .stacking(parts, columns: value.weight.outputWidth)
  }
}

extension Attention {
  /// The heads' outputs of stacked runs; each also sees the first run's positions before its own.
  fileprivate func heads(
    _ x: Matrix<S>, _ runs: [Run<S>], streamLength: Int, _ beside: inout RunsBesideStream<S>
  ) -> Matrix<S> {
    let table = runs.flatMap { Array($0.positions) }
    let all = 0..<runs[0].positions.upperBound
    func rotated(
      _ projection: Projection<S>, _ norm: Normalization<S>?, _ rotary: RotaryEmbedding
    ) -> Matrix<S> {
      let rows = projection.forward(x)
      let rotation = Rotation<S>(
        rotary, width: rows.columns, positions: all, streamLength: streamLength)
      return rotation.rotated(norm?.forwardGroups(rows) ?? rows, at: table, backwards: false)
    }
    let queries = rotated(query, queryNorm, rotary)
    let (keys, values): (Matrix<S>, Matrix<S>)
    if case .taken(let block) = role {
      guard let taken = beside.given[block] else { preconditionFailure("nothing was given") }
      (keys, values) = taken
    } else {
      keys = rotated(key, keyNorm, rotary.ofKeys)
      values = normalized(values: value.forward(x))
    }
    if case .given(let block) = role { beside.given[block] = (keys, values) }
    let mixed = concurrentMap(runs) { run in
      var rule = rule
      rule.hidden = run.change.hidden.sorted()
      let pattern = AttentionPattern(
        queries: queries.rows(run.rows), keys: run.seen(keys),
        firstQuery: run.positions.lowerBound, rule: rule)
      return FrozenAttention(value: value, pattern: .attention(pattern), output: output)
        .mixed(run.seen(values))
    }
    return gated(.stacking(mixed, columns: queries.columns), at: x)
  }
}

extension Run {
  /// Replaces some columns of the run's rows.
  fileprivate func hold(
    _ x: inout Matrix<S>, _ columns: Range<Int>, at held: RunChange<S>.HeldOutput,
    of other: @autoclosure () -> Run<S>
  ) {
    for row in rows {
      switch held {
      case .scaled(let factor):
        for column in columns { x[row, column] *= factor }
      case .other:
        // The other run starts at position 0.
        let source = other().firstRow + positions.lowerBound + row - firstRow
        for column in columns { x[row, column] = x[source, column] }
      }
    }
  }
}
