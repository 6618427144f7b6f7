import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Runs that stand beside the run of a longer text.
@Suite struct MaskedRowTests {
  /// A prompt, and the same with tokens put into it.
  struct Pair {
    let tokens: [Int]
    let longer: [Int]
    let masked: MaskedRows

    init(_ fixture: Fixture, _ rows: Range<Int>) throws {
      let tokens = try fixture.reference().tokens()
      // Ids that every vocabulary has.
      let inserted = rows.map { tokens[($0 * 3) % tokens.count] }
      self.tokens = tokens
      longer = Array(tokens[..<rows.lowerBound]) + inserted + tokens[rows.lowerBound...]
      masked = MaskedRows(rows)
    }
  }

  /// At the start, inside, before the last token; fewer than a window, and more.
  static func places(_ count: Int) -> [Range<Int>] { [0..<1, 1..<3, 2..<7, count - 1..<count + 1] }

  /// All rows of the text are those of the text alone, and so is the answer.
  @Test(arguments: Fixture.all)
  func rowsOfTheTextAreThoseOfTheTextAlone(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    for rows in Self.places(try fixture.reference().tokens().count) {
      let pair = try Pair(fixture, rows)
      guard pair.longer.count <= decoder.configuration.contextLength else { continue }
      let alone = try decoder.linearize(at: pair.tokens)
      for bytes in [Int.max, 0] {
        let run = try decoder.linearize(at: pair.longer, holding: bytes, masking: pair.masked)
        for n in decoder.blocks.indices {
          let (found, expected) = (run.stream(after: n), alone.stream(after: n))
          for position in pair.tokens.indices {
            let row = pair.masked.row(of: position)
            #expect(pair.masked.position(of: row) == position)
            expectClose(found.row(row), expected.row(position))
          }
        }
        expectClose(run.output(), alone.output())
        expectClose(
          run.affineImages(of: run.input, at: [.output])[0], alone.output(), bound: 1e-11)
      }
    }
  }

  /// The account of prompts of different lengths is what really changed, in both orders.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func accountsOfDifferentLengthsAddUp(_ fixture: Fixture, _ rule: GateRule) throws {
    let decoder = try fixture.decoder(Double.self)
    let direction = DifferenceTests.direction(decoder.configuration.width) as [Double]
    for rows in Self.places(try fixture.reference().tokens().count) {
      let pair = try Pair(fixture, rows)
      guard pair.longer.count <= decoder.configuration.contextLength else { continue }
      let longer = try decoder.linearize(at: pair.longer, gate: rule)
      let alone = try decoder.linearize(at: pair.tokens, gate: rule)
      let run = try decoder.linearize(at: pair.longer, gate: rule, masking: pair.masked)
      let (a, b) = (longer.output(), alone.output())
      let real =
        Kernels.dot(direction.span, a.span) - Kernels.dot(direction.span, b.span)
      let both = longer.differences(
        with: run, of: Readout(direction, at: pair.longer.count - 1))
      for (account, sign) in [(both.forward, 1.0), (both.reverse, -1)] {
        let bound = 1e-12 * (1 + account.size)
        #expect(abs(account.real - sign * real) <= bound)
        #expect(abs(account.sum - sign * real) <= bound)
        // The tokens stand in both runs: what differs is who sees them. Learned positions are others after them.
        if !decoder.configuration.learnsPositions {
          #expect(account.entries.filter { $0.kind == .content && $0.value != 0 }.isEmpty)
        }
        if !fixture.name.contains("dynamic"), !fixture.name.contains("longrope") {
          #expect(account.entries.filter { $0.position < rows.lowerBound }.isEmpty)
        }
      }
      // With all parts swapped, the masked run becomes the longer one.
      let parts = Dictionary(
        uniqueKeysWithValues: both.forward.parts.map {
          ($0.component, Set(pair.longer.indices))
        })
      expectClose(
        longer.output(swapping: parts, into: run, position: pair.longer.count - 1), a, bound: 1e-10)
    }
  }

  private func expectClose(
    _ found: [Double], _ expected: [Double], bound: Double = 1e-12,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let size = expected.reduce(1) { max($0, abs($1)) }
    let error = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(error <= bound * size, sourceLocation: sourceLocation)
  }
}
