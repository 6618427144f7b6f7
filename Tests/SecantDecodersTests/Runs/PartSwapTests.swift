import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Runs in which some parts are those of another run, on every family.
@Suite struct PartSwapTests {
  private func read(_ pair: DifferenceTests.Pair<Double>, _ output: [Double]) -> Double {
    let w = pair.readout.directions.elements
    return Kernels.dot(w.span, output.span)
  }

  /// Swapped one after the other, the last part of the computation first, each entry is what its swap gives.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func entriesAreWhatTheirSwapsGive(_ fixture: Fixture, _ rule: GateRule) throws {
    let pair = try DifferenceTests.Pair<Double>(fixture, rule)
    let account = pair.a.difference(from: pair.b, of: pair.readout)
    let position = pair.a.tokens.count - 1
    let bound = DifferenceTests.rounding(Double.self) * account.size
    var swapped: [Difference.Component: Set<Int>] = [:]
    var before = read(pair, pair.b.output())
    func swap() -> Double {
      read(pair, pair.a.output(swapping: swapped, into: pair.b, position: position))
    }
    #expect(abs(swap() - before) <= bound, "nothing swapped")
    for part in account.parts.reversed() {
      // A part's positions act side by side: half of them give half of its sum.
      let positions = Set(part.values.indices)
      let first = positions.filter { $0.isMultiple(of: 2) }
      for chosen in [first, positions] {
        swapped[part.component] = chosen
        let expected = part.values.indices.reduce(0) {
          $0 + (chosen.contains($1) ? part.values[$1] : 0)
        }
        #expect(abs(swap() - before - expected) <= bound, "\(part.component)")
      }
      before = swap()
    }
    #expect(abs(before - read(pair, pair.a.output())) <= bound, "everything swapped")
  }

  /// With all blocks from one on swapped it is the run that is made the other way.
  @Test(arguments: Fixture.all)
  func splitsAreThoseOfTheWalk(_ fixture: Fixture) throws {
    let pair = try DifferenceTests.Pair<Double>(fixture)
    let account = pair.a.difference(from: pair.b, of: pair.readout)
    let all = Set(pair.a.tokens.indices)
    for n in 0...pair.a.blocks.count {
      let later = account.parts.map(\.component).filter { component in
        component == .finalNorm || component.block.map { $0 >= n } == true
      }
      let found = pair.a.output(
        swapping: Dictionary(uniqueKeysWithValues: later.map { ($0, all) }), into: pair.b,
        position: all.count - 1)
      #expect(relativeError(found, ForwardSwaps(pair).hybrid(from: n)) <= 1e-11)
    }
  }
}
