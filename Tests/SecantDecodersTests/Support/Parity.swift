import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// How far one fixture's values in some precision are from its references.
struct Parity<S: Scalar> {
  let decoder: Decoder<S>
  let reference: Fixture.Reference
  let tokens: [Int]

  init(_ fixture: Fixture) throws {
    decoder = try fixture.decoder(S.self)
    reference = try fixture.reference()
    tokens = try reference.tokens()
  }

  private func error(_ actual: [S], _ name: String) throws -> (String, Double) {
    (name, relativeError(actual, try reference.values(name)))
  }

  /// The relative errors of input, outputs, logits and the stream after every block, by name.
  func streams() throws -> [(String, Double)] {
    var cache = KeyValueCache<S>(decoder.configuration)
    let outputs = try decoder.forward(tokens, cache: &cache)
    let frozen = try decoder.linearize(at: tokens)
    var errors = [
      try error(outputs.elements, "outputs_all"),
      try error(decoder.unembedding.logits(outputs).elements, "logits_all"),
      try error(frozen.input.elements, "input"), try error(frozen.output(), "output"),
    ]
    for n in frozen.blocks.indices {
      errors.append(try error(frozen.value(at: .block(n, .residual)).elements, "hidden.\(n)"))
    }
    return errors
  }

  /// The relative errors of the Jacobians and offsets at the output by every gate rule, at every site of
  /// every block, and at an earlier position, by name.
  func jacobians() throws -> [(String, Double)] {
    var errors: [(String, Double)] = []
    for rule in GateRule.allCases {
      let frozen = try decoder.linearize(at: tokens, gate: rule)
      let suffix = rule == .up ? "" : ".\(rule.rawValue)"
      errors.append(try error(dense(frozen.jacobians()), "jacobian" + suffix))
      errors.append(try error(frozen.offset(), "offset" + suffix))
    }

    let frozen = try decoder.linearize(at: tokens)
    for n in frozen.blocks.indices {
      for place in Site.BlockSite.allCases {
        let jacobian = dense(frozen.jacobians(to: .block(n, place)))
        errors.append(try error(jacobian, "layer.\(n).\(place.rawValue)"))
      }
    }

    let position = try reference.otherPosition()
    let name = "jacobian.position.\(position)"
    let earlier = dense(frozen.jacobians(position: position))
    let expected = try reference.values(name)
    #expect(expected.dropFirst(earlier.count).allSatisfy { $0 == 0 }, "later tokens reach it")
    errors.append((name, relativeError(earlier, Array(expected.prefix(earlier.count)))))
    return errors
  }

  /// All members' matrices, one after the other, each `[output, input]`.
  private func dense(_ family: Jacobians<S>) -> [S] {
    family.applyAdjointToAll(.identity(decoder.configuration.width)).flatMap(\.elements)
  }
}
