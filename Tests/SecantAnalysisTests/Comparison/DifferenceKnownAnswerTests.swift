import Foundation
import Secant
import SecantTestSupport
import Testing

/// A real trained model in the folder that SECANT_REAL_MODELS names.
enum RealModel {
  static let url = ProcessInfo.processInfo.environment["SECANT_REAL_MODELS"]
    .map { URL(filePath: $0).appending(path: "SmolLM2-135M-Instruct.Q4_1.gguf") }
    .flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
}

/// What an independent implementation in float64 found of two pairs of prompts.
@Suite(.enabled(if: RealModel.url != nil, "SECANT_REAL_MODELS names no folder with SmolLM2"))
struct DifferenceKnownAnswerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let a: String
    let b: String
    let target: (String, String)
    /// real, content, patterns, gates and norms, from B to A and from A to B.
    let orders: [[Double]]
    /// Gates by block and position, from B to A.
    let gates: [(block: Int, position: Int, value: Double)]
    /// Patterns by block and head at all positions, from B to A.
    let heads: [(block: Int, head: Int, value: Double)]
    var testDescription: String { target.0 }
  }

  static let cases = [
    Case(
      a: "The capital of France is", b: "The capital of Germany is",
      target: (" Paris", " Berlin"),
      orders: [
        [11.445457262, 0.650295688, 1.122662828, 9.983317577, -0.310818831],
        [-11.445457262, -8.070693036, 0.550562358, -3.737210816, -0.188115768],
      ],
      gates: [
        (23, 4, 4.812607237), (25, 4, 2.663350860), (24, 4, 1.585364732), (27, 4, 0.725286971),
        (22, 3, 0.243563364),
      ],
      heads: [(24, 4, -0.536907028), (29, 2, 0.533803033), (23, 1, 0.410392886)]),
    Case(
      a: "When Mary and John went to the store, John gave a drink to",
      b: "When Mary and John went to the store, Mary gave a drink to",
      target: (" Mary", " John"),
      orders: [
        [11.604858450, 3.358490866, 5.074433534, 3.470386429, -0.298452378],
        [-11.604858450, -4.875361783, -3.684317056, -2.743044174, -0.302135437],
      ],
      gates: [(21, 9, 1.100311455), (26, 13, 0.683458421), (0, 9, 0.625019740)],
      heads: [
        (23, 0, 3.071843994), (24, 4, -2.916096866), (23, 1, 1.352297573), (23, 2, 1.333389073),
        (23, 7, 0.784245397),
      ]),
  ]

  @Test(arguments: cases) func matchesTheReference(_ known: Case) throws {
    let model = try Model<Double>(Checkpoint(at: #require(RealModel.url)))
    var options = ExplanationOptions()
    options.target = .difference(.text(known.target.0), .text(known.target.1))
    let ledger = try model.difference(.text(known.a), from: .text(known.b), options)
    for (order, expected) in zip([ledger.forward, ledger.reverse], known.orders) {
      let found = [order.real, order.content, order.patterns, order.gates, order.norms]
      for (value, reference) in zip(found, expected) { #expect(abs(value - reference) <= 1e-6) }
      #expect(abs(order.sum - order.real) <= 1e-12 * abs(order.real))
    }
    for gate in known.gates {
      let entry = ledger.forward.wholeEntries.first {
        $0.kind == "gate" && $0.block == gate.block && $0.position == gate.position
      }
      #expect(abs((entry?.value ?? .nan) - gate.value) <= 1e-6)
    }
    for head in known.heads {
      #expect(abs(ledger.forward.blocks[head.block].heads[head.head] - head.value) <= 1e-6)
    }
  }
}
