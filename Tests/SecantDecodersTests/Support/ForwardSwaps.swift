import SecantDecoders
import SecantOperators

/// What each step's swap gives, found the other way: its change at each position is carried forward.
struct ForwardSwaps {
  let pair: DifferenceTests.Pair<Double>

  init(_ pair: DifferenceTests.Pair<Double>) { self.pair = pair }

  /// The steps of a block, and what each gave at every position.
  func values(inBlock n: Int) -> [(BlockStep, [Double])] {
    BlockStep.allCases.map { ($0, values(of: $0, inBlock: n)) }
  }

  private func values(of step: BlockStep, inBlock n: Int) -> [Double] {
    let x = given(step, inBlock: n)
    let change = affine(pair.a.blocks[n], step, x).rows - affine(pair.b.blocks[n], step, x).rows
    var given: Matrix<Double>?
    if step == .attention, case .given = pair.a.blocks[n].attention.role {
      given =
        pair.a.blocks[n].attention.value.forward(x.rows)
        - pair.b.blocks[n].attention.value.forward(x.rows)
    }
    return (0..<x.rows.rows).map { row in
      read(
        change.rows(row..<row + 1), at: row, after: step, of: n,
        giving: given?.rows(row..<row + 1))
    }
  }

  /// The stream of run B before a block, with the values that its earlier blocks gave beside it.
  private func entering(block n: Int) -> Tangents<Double> {
    let stream = Tangents(stream: n == 0 ? pair.b.input : pair.b.stream(after: n - 1))
    return pair.b.blocks.prefix(n).reduce(stream) { stream, block in
      guard case .given(let number) = block.attention.role, let values = block.attention.given
      else { return stream }
      return stream.carrying(Tangents(stream: values), in: .values(block: number))
    }
  }

  /// What enters a step in run B.
  private func given(_ wanted: BlockStep, inBlock n: Int) -> Tangents<Double> {
    let entering = entering(block: n)
    var (stream, branch) = (entering, entering)
    for step in BlockStep.allCases.prefix(while: { $0 != wanted }) {
      branch = affine(pair.b.blocks[n], step, branch)
      if step == .attentionPostNorm {
        stream = stream + branch
        branch = pair.b.blocks[n].walk == .parallel ? entering : stream
      } else if step == .feedForwardPostNorm {
        stream = stream + branch
        branch = stream
      } else if step == .perLayerPostNorm, pair.b.blocks[n].perLayer != nil {
        branch = stream + branch
      }
    }
    return branch
  }

  /// What one source of a head or one neuron of the only feed-forward layer gives at a position.
  func term(_ component: Difference.Component, at position: Int, _ index: Int) -> Double {
    switch component {
    case .head(let n, let head):
      let (a, b) = (pair.a.blocks[n].attention, pair.b.blocks[n].attention)
      let (pattern, place) = (a.pattern, position..<position + 1)
      let changes = (
        pattern.coefficients(head: head, positions: place)[0, index],
        b.pattern.coefficients(head: head, positions: place)[0, index]
      )
      let x = given(.attention, inBlock: n)
      var values = b.value.forward(x.rows)
      if let convolution = b.convolution {
        values = convolution.apply(Tangents(stream: values)).rows
      }
      let (w, shared) = (pattern.headWidth, pattern.queryHeads / pattern.keyValueHeads)
      var mixed = [Double](repeating: 0, count: pattern.queryHeads * w)
      for i in 0..<w {
        let (to, from) = (head * w + i, head / shared * w + i)
        func factor(_ layer: FrozenAttention<Double>) -> Double {
          (layer.outputGate?.coefficients[position, to] ?? 1)
            * (layer.valueGate?.coefficients[index, from] ?? 1)
        }
        mixed[to] = (changes.0 * factor(a) - changes.1 * factor(b)) * values[index, from]
      }
      let row = a.output.weight.multiply(Matrix(row: mixed))
      return read(row, at: position, after: .attention, of: n)
    case .gates(let n, nil):
      let (a, b) = (pair.a.blocks[n].feedForward.layers[0], pair.b.blocks[n].feedForward.layers[0])
      let x = given(.feedForward, inBlock: n).rows
      var hidden = [Double](repeating: 0, count: a.down.weight.inputWidth)
      for (one, other) in zip(a.branches, b.branches) {
        let change = one.coefficients[position, index] - other.coefficients[position, index]
        hidden[index] += change * one.projection.forward(x)[position, index]
      }
      let row = a.down.weight.multiply(Matrix(row: hidden))
      return read(row, at: position, after: .feedForward, of: n)
    default: return .nan
    }
  }

  /// What is read where the blocks from one on and the final norm are A's, and those before it B's.
  func hybrid(from n: Int) -> [Double] {
    var stream = entering(block: n)
    for block in pair.a.blocks[n...] {
      let entering = stream
      let branches = [0..<3, 3..<6] + (block.perLayer == nil ? [] : [6..<8])
      for steps in branches.map({ BlockStep.allCases[$0] }) {
        let read = block.walk == .parallel ? entering : stream
        stream = stream + steps.reduce(read) { affine(block, $1, $0) }
      }
      stream = block.apply(.streamFactor, to: stream, positions: 0..<stream.rows.rows)
    }
    let last = pair.a.stream(after: pair.a.blocks.count - 1)
    let output = pair.a.finalNorm.frozen(at: last).apply(stream).rows.row(stream.rows.rows - 1)
    return pair.a.finalNorm.bias.map { zip(output, $0).map(+) } ?? output
  }

  /// The image of a whole stream under a frozen step, biases included.
  private func affine(
    _ block: FrozenBlock<Double>, _ step: BlockStep, _ x: Tangents<Double>
  ) -> Tangents<Double> {
    let image = block.apply(step, to: x, positions: 0..<x.rows.rows)
    let offset: Matrix<Double>? =
      switch step {
      case .attention: block.attention.offset
      case .feedForward: block.feedForward.offset
      default: nil
      }
    return offset.map { image + Tangents(stream: $0) } ?? image
  }

  /// A change of what leaves a step at one position, carried on under A to what is read.
  private func read(
    _ row: Matrix<Double>, at position: Int, after step: BlockStep, of n: Int,
    giving values: Matrix<Double>? = nil
  ) -> Double {
    let all = 0..<pair.a.tokens.count
    let block = pair.a.blocks[n]
    var x = Tangents(
      strands: [Strand(support: position..<position + 1, reach: position..<all.upperBound)],
      rows: row)
    if let values {
      x = x.carrying(
        Tangents(strands: x.strands, rows: values), in: .values(block: n))
    }
    let later = BlockStep.allCases.drop { $0 != step }.dropFirst()
    func pass(_ steps: [BlockStep]) {
      for step in steps where later.contains(step) {
        x = block.apply(step, to: x, positions: all)
      }
    }
    pass([.attention, .attentionPostNorm])
    let middle = x
    let isBeforeFeedForward = later.contains(.feedForwardNorm)
    if block.walk != .parallel || !isBeforeFeedForward {
      pass([.feedForwardNorm, .feedForward, .feedForwardPostNorm])
      if isBeforeFeedForward { x = middle + x }
    }
    if block.perLayer != nil {
      let fed = x
      pass([.perLayer, .perLayerPostNorm])
      if later.contains(.perLayer) { x = fed + x }
    }
    pass([.streamFactor])
    for next in pair.a.blocks.indices where next > n {
      x = pair.a.blockMap(next, to: .residual, positions: all).apply(x)
    }
    let last = pair.a.stream(after: pair.a.blocks.count - 1)
    let end = x.restricted(to: all.upperBound - 1..<all.upperBound)
    let image = pair.a.finalNorm.frozen(at: last).apply(end).rows
    return image.rows == 0
      ? 0 : Kernels.dot(pair.readout.directions.elements.span, image.elements.span)
  }
}
