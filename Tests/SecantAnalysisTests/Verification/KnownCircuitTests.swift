import Secant
import SecantTestSupport
import Testing

/// The comparison of a ledger with published heads, on made-up entries.
///
/// Proves the comparison's logic; that GPT-2's own ledger has these heads it cannot prove, because the
/// model's weights are not among the test data.
@Suite struct KnownCircuitTests {
  /// Small entries of changing sign, with the published heads as large as a test wants.
  private func entries(_ heads: [(block: Int, head: Int, value: Double)]) -> [[Double]] {
    var result = (0..<12).map { block in
      (0..<12).map { head in ((block + head).isMultiple(of: 2) ? 0.01 : -0.01) }
    }
    for head in heads { result[head.block][head.head] = head.value }
    return result
  }

  private static let published: [(block: Int, head: Int, value: Double)] = [
    (9, 9, 2.0), (9, 6, 1.0), (10, 0, 0.5), (10, 7, -1.5), (11, 10, -1.0),
  ]

  @Test func thePublishedHeadsAgree() throws {
    let findings = try KnownCircuit.ofIndirectObjects().findings(in: entries(Self.published))
    #expect(findings.count == 5 && findings.allSatisfy(\.agrees))
    #expect(findings[0].quantity == "head 9.9, name mover")
    #expect(findings[0].found.contains("number 1 of"))
    #expect(findings[3].found.contains("lower"))
  }

  @Test func aHeadOfTheOtherSignDisagrees() throws {
    var heads = Self.published
    heads[0].value = -2
    heads[4].value = 1
    let findings = try KnownCircuit.ofIndirectObjects().findings(in: entries(heads))
    #expect(findings.map(\.agrees) == [false, true, true, true, false])
  }

  /// A sign is needed too: where all heads lower the answer, the first of those that raise it does not.
  @Test func theLargestOfTheOtherSignDisagrees() throws {
    var values = [[Double]](repeating: [Double](repeating: -1, count: 12), count: 12)
    values[9][9] = -0.5
    let findings = try KnownCircuit.ofIndirectObjects().findings(in: values)
    #expect(findings[0].found.contains("number 1 of") && !findings[0].agrees)
  }

  @Test func aHeadBehindTenOthersDisagrees() throws {
    let circuit = try KnownCircuit.ofIndirectObjects()
    var values = entries(Self.published)
    // Ten heads of block 0 above 10.0, which two others already exceed: eight of them are enough.
    for head in 0..<7 { values[0][head] = 0.6 }
    #expect(circuit.findings(in: values)[2].agrees)
    values[0][7] = 0.6
    #expect(!circuit.findings(in: values)[2].agrees)
    #expect(circuit.findings(in: values)[0].agrees)
  }

  @Test func aMissingHeadDisagrees() throws {
    let findings = try KnownCircuit.ofIndirectObjects().findings(
      in: entries(Self.published).map { Array($0.prefix(9)) })
    #expect(findings.map(\.agrees) == [false, true, true, true, false])
  }

  @Test func anotherModelIsRefused() throws {
    let model = try Model<Float>(named: "demo")
    let error = #expect(throws: InputError.self) {
      try model.compare(with: .ofIndirectObjects())
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.description.contains("gpt2 of width 768 with 12 blocks of 12 heads") == true)
  }
}
