import Foundation
public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

/// Published heads of one model that raise or lower a difference of two logits, as data.
public struct KnownCircuit: Codable, Hashable, Sendable {
  /// What it is called.
  public let name: String
  /// Where it was published.
  public let source: String
  /// The model's architecture, as config.json names it.
  public let family: String
  /// The model's width d.
  public let width: Int
  /// The model's number of blocks L.
  public let blocks: Int
  /// The model's number of query heads h.
  public let queryHeads: Int
  /// The prompt after which the target is the answer.
  public let prompt: String
  /// A prompt of as many tokens after which it is not.
  public let otherPrompt: String
  /// The answer, as the model's tokenizer spells it.
  public let target: String
  /// The token whose logit is subtracted.
  public let over: String
  /// The published heads.
  public let heads: [Head]
  /// Caveats, one sentence each.
  public let caveats: [String]

  /// One published head.
  public struct Head: Codable, Hashable, Sendable {
    /// What it was found to do, such as "name mover".
    public let role: String
    /// Its block, from 0.
    public let block: Int
    /// Its number in the block, from 0.
    public let head: Int
    /// Whether it raises the answer; otherwise it lowers it.
    public let raises: Bool
  }

  /// The rank, among the heads of its sign, up to which a head's entry agrees.
  public static let largestRank = 10

  /// The indirect-object circuit of GPT-2 small.
  ///
  /// Source: Wang et al., "Interpretability in the Wild" (2022).
  ///
  /// - Throws: That the resource is missing beside the program.
  public static func ofIndirectObjects() throws(InputError) -> KnownCircuit {
    let url = try ProgramData.url(of: "ioi.json", from: "SecantAnalysis")
    let bytes = try MappedFile.contents(of: url)
    do { return try JSONDecoder().decode(KnownCircuit.self, from: Data(bytes)) } catch {
      throw InputError(
        .malformed, file: url.lastPathComponent, subject: "the file",
        expected: "a published circuit", found: "another form",
        remedy: "install the program's own data again")
    }
  }

  /// Each published head, compared with what all heads gave.
  ///
  /// - Parameter values: The number of each head in an account of the difference between both
  ///   prompts, by block, then head, in logits.
  /// - Returns: One finding for each published head, in order.
  public func findings(in values: [[Double]]) -> [PaperReport.Finding] {
    heads.map { known in
      let quantity = "head \(known.block).\(known.head), \(known.role)"
      let published = known.raises ? "raises the answer" : "lowers the answer"
      guard values.indices.contains(known.block), values[known.block].indices.contains(known.head)
      else {
        return .init(
          quantity: quantity, published: published, found: "no such head", agrees: false)
      }
      let value = values[known.block][known.head]
      let sign = known.raises ? 1.0 : -1
      let rank = 1 + values.joined().count { sign * $0 > sign * value }
      let number = value.formatted(.number.precision(.fractionLength(3)).sign(strategy: .always()))
      return .init(
        quantity: quantity, published: published,
        found: "\(number), number \(rank) of those that \(known.raises ? "raise" : "lower") it",
        agrees: sign * value > 0 && rank <= Self.largestRank)
    }
  }
}

extension Model {
  /// Whether published heads show in the exact ledger of the difference between two prompts.
  ///
  /// Costs one comparison of two prompts. A head's number is the mean of both orders of the ledger.
  ///
  /// - Parameters:
  ///   - circuit: The published heads.
  ///   - options: The memory; a prompt in them is ignored.
  ///   - progress: Called as the work goes on.
  /// - Returns: Every published head with its number here.
  /// - Throws: That the circuit is another model's, or why the prompts cannot be run.
  public func compare(
    with circuit: KnownCircuit, _ options: VerificationOptions = VerificationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> PaperReport {
    let shape = decoder.configuration
    let found =
      "\(shape.architecture) of width \(shape.width) with \(shape.blockCount) blocks of "
      + "\(shape.queryHeads) heads"
    guard
      shape.architecture == circuit.family, shape.width == circuit.width,
      shape.blockCount == circuit.blocks, shape.queryHeads == circuit.queryHeads
    else {
      throw InputError(
        .unsupported, subject: circuit.name,
        expected: "\(circuit.family) of width \(circuit.width) with \(circuit.blocks) blocks of "
          + "\(circuit.queryHeads) heads",
        found: found, remedy: "use the model in which the circuit was found")
    }
    var question = ExplanationOptions()
    question.target = .logits(
      of: .tokens([.exactly(circuit.target)]), over: .tokens([.exactly(circuit.over)]))
    question.rank = 0
    question.memory = options.memory
    let report = try compare(
      .text(circuit.prompt), with: .text(circuit.otherPrompt), by: nil, question,
      progress: progress)
    guard let ledger = report.difference else {
      throw InputError(
        .mismatched, subject: circuit.name, expected: "two prompts of as many tokens",
        found: "different numbers of tokens", remedy: "use the model's own tokenizer")
    }
    return PaperReport(
      secantVersion: SecantVersion.current, model: identity, publishedModel: "gpt2",
      match: "by shape (\(found))", source: circuit.source,
      runs: [
        .init(
          prompt: circuit.prompt, gateRule: GateRule.up.rawValue, arithmetic: S.precisionName,
          source: circuit.name, caveats: [],
          findings: circuit.findings(in: ledger.mean.blocks.map(\.heads)))
      ], caveats: circuit.caveats)
  }
}
