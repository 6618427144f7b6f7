import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The account of a readout by one adjoint pass, on every family.
@Suite struct LedgerTests {
  /// What only rounding separates, relative to the sum of magnitudes: as for shares by source.
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 1e-5 : 2e-14 }

  private func direction<S: Scalar>(_ width: Int, seed: UInt64 = 51) -> [S] {
    var generator = SeededGenerator(seed: seed)
    return (0..<width).map { _ in S(Double.random(in: -1...1, using: &generator)) }
  }

  private func size(_ ledger: Ledger) -> Double {
    let components = ledger.blocks.reduce(0.0) { total, block in
      let through = (block.attention.through + block.feedForward.through + block.bias.through)
      return total + through.reduce(0) { $0 + abs($1) }
    }
    return components + ledger.tokens.reduce(0) { $0 + abs($1) } + abs(ledger.direct)
  }

  /// Tokens' shares are those of the maps of each token, and with the biases' they make the output's number.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func tokensSumToTheReadout(_ fixture: Fixture, _ rule: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let decoder = try fixture.decoder(S.self)
      let frozen = try decoder.linearize(at: fixture.reference().tokens(), gate: rule)
      let w: [S] = direction(decoder.configuration.width)
      let p = frozen.tokens.count - 1
      let ledger = frozen.ledger(of: Readout(w, at: p))
      let bound = rounding(S.self) * size(ledger)
      let output = Kernels.dot(w.span, frozen.output().span)
      #expect(abs(ledger.sum - output) <= bound)
      let images = frozen.jacobians().apply((0...p).map { frozen.input.rows($0..<$0 + 1) })
      for (token, image) in images.enumerated() {
        #expect(abs(ledger.tokens[token] - Kernels.dot(w.span, image.elements.span)) <= bound)
      }
      #expect(abs(ledger.bias - Kernels.dot(w.span, frozen.offset().span)) <= bound)
    }
  }

  /// What components wrote is what a forward sweep of every source reads off them, heads by sources and all.
  @Test(arguments: Fixture.all)
  func componentsWriteWhatTheirSourcesGive(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let decoder = try fixture.decoder(S.self)
      let frozen = try decoder.linearize(at: fixture.reference().tokens())
      let w: [S] = direction(decoder.configuration.width)
      let p = frozen.tokens.count - 1
      let ledger = frozen.ledger(of: Readout(w, at: p))
      let tokens = frozen.componentShares(of: w, position: p, tokens: 0..<p + 1)
      let biases = frozen.biasShares(of: w, position: p)
      let bound = rounding(S.self) * size(ledger)
      func sum(_ a: [Double], _ b: [Double]) -> Double { (a + b).reduce(0, +) }
      #expect(abs(ledger.direct - sum(tokens.direct, biases.direct)) <= bound)
      var total = ledger.direct
      for (n, block) in ledger.blocks.enumerated() {
        let (own, bias) = (tokens.blocks[n], biases.blocks[n])
        #expect(abs(block.attention.written - sum(own.attention, bias.attention)) <= bound)
        #expect(abs(block.feedForward.written - sum(own.feedForward, bias.feedForward)) <= bound)
        #expect(abs(block.bias.written - sum(own.bias, bias.bias)) <= bound)
        for (h, head) in block.heads.enumerated() {
          #expect(abs(head.entry.written - sum(own.heads[h], bias.heads[h])) <= bound)
          #expect(abs(head.read.reduce(0, +) - head.entry.written) <= bound)
        }
        for (e, expert) in own.experts.enumerated() {
          let found = block.experts.first { $0.index == expert.index }
          let value = sum(expert.values, bias.experts[e].values)
          #expect(abs((found?.entry.written ?? .infinity) - value) <= bound)
        }
        total += block.attention.written + block.feedForward.written + block.bias.written
      }
      #expect(abs(total - ledger.sum) <= bound)
    }
  }

  /// What passes through a component at a position is what later blocks make of its output there.
  @Test(arguments: Fixture.all)
  func throughIsWhatLaterBlocksMakeOfAnOutput(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let frozen = try decoder.linearize(at: fixture.reference().tokens())
    let w: [Double] = direction(decoder.configuration.width)
    let p = frozen.tokens.count - 1
    let ledger = frozen.ledger(of: Readout(w, at: p))
    let last = frozen.blocks.count - 1
    let norm = frozen.finalNorm.frozen(at: frozen.value(at: .block(last, .residual)))
    for n in frozen.blocks.indices {
      let block = frozen.blocks[n]
      for position in 0...p {
        let strand = Strand(support: position..<position + 1, reach: position..<p + 1)
        func written(_ values: Matrix<Double>, _ step: BlockStep) -> Tangents<Double> {
          let output = Tangents(strands: [strand], rows: values.rows(position..<position + 1))
          return block.scale(step)?.apply(output) ?? output
        }
        var image = written(block.values.feedForward, .feedForwardPostNorm)
        if let perLayer = block.values.perLayer {
          image = image + written(perLayer, .perLayerPostNorm)
        }
        image = block.apply(.streamFactor, to: image, positions: 0..<p + 1)
        for later in frozen.blocks.indices where later > n {
          image = frozen.blockMap(later, to: .residual, positions: 0..<p + 1).apply(image)
        }
        let read = norm.apply(image).restricted(to: p..<p + 1).rows
        let expected = read.rows == 0 ? 0 : Kernels.dot(w.span, read.elements.span)
        // The values hold the layer's bias, which the ledger keeps apart; attention's lie elsewhere.
        let own = ledger.blocks[n].feedForward.through[position]
        let hasBias = ledger.blocks[n].bias.through.contains { $0 != 0 }
        if !hasBias {
          #expect(abs(own - expected) <= rounding(Double.self) * size(ledger), "block \(n)")
        }
        let experts = ledger.blocks[n].experts
        if !experts.isEmpty {
          let parts = experts.reduce(0) { $0 + $1.entry.through[position] }
          #expect(abs(parts - own) <= rounding(Double.self) * size(ledger))
        }
      }
    }
  }

  /// A readout of several positions is the sum of those of each.
  @Test(arguments: ["llama-biases", "gemma3-new", "qwen3-moe", "mistral-window"].map(Fixture.init))
  func positionsAddUp(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let frozen = try decoder.linearize(at: fixture.reference().tokens())
    let (count, width) = (frozen.tokens.count, decoder.configuration.width)
    let rows = (0..<3).map { row -> [Double] in direction(width, seed: UInt64(60 + row)) }
    let whole = frozen.ledger(of: Readout(Matrix(rows: rows), at: count - 3..<count))
    let parts = rows.enumerated().map { index, row in
      frozen.ledger(of: Readout(row, at: count - 3 + index))
    }
    let bound = rounding(Double.self) * parts.reduce(0) { $0 + size($1) }
    func total(_ value: (Ledger) -> Double) -> Double { parts.reduce(0) { $0 + value($1) } }
    for token in 0..<count {
      let sum = total { $0.tokens.indices.contains(token) ? $0.tokens[token] : 0 }
      #expect(abs(whole.tokens[token] - sum) <= bound)
    }
    #expect(abs(whole.bias - total(\.bias)) <= bound)
    for (n, block) in whole.blocks.enumerated() {
      for (h, head) in block.heads.enumerated() {
        let written = total { $0.blocks[n].heads[h].entry.written }
        #expect(abs(head.entry.written - written) <= bound)
      }
      for t in 0..<count {
        let through = total {
          $0.blocks[n].attention.through.indices.contains(t)
            ? $0.blocks[n].attention.through[t] : 0
        }
        #expect(abs(block.attention.through[t] - through) <= bound)
      }
    }
  }

  /// Blocks that are frozen anew give the same bits as blocks that are held.
  @Test(arguments: Fixture.all)
  func blocksNeedNotBeHeld(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Float.self)
    let tokens = try fixture.reference().tokens()
    let readout = Readout<Float>(direction(decoder.configuration.width), at: tokens.count - 1)
    let held = try decoder.linearize(at: tokens)
    let anew = try decoder.linearize(at: tokens, holding: 0)
    #expect(held.ledger(of: readout) == anew.ledger(of: readout))
    #expect(held.output() == anew.output() && held.offset() == anew.offset())
    let images = [held, anew].map { $0.jacobians().applyAdjointToAll(readout.directions) }
    #expect(images[0] == images[1])
    let sites = [Site.block(0, .attention), .output]
    #expect(
      held.affineImages(of: held.input, at: sites) == anew.affineImages(of: anew.input, at: sites))
  }
}
