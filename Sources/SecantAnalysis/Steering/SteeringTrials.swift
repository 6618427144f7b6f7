import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

/// Continuations of one prompt, steered or not, with their effect and damage.
struct SteeringTrials<S: Scalar> {
  private let model: Model<S>
  private let prompt: [Int]
  /// The concept, as tokens that may follow the prompt.
  let concept: [Int]
  /// The tokens at which a continuation ends.
  private let ends: Set<Int>
  /// The text of the concept; nil if it is given by tokens.
  private let conceptText: String?
  private let options: SteeringOptions

  /// Trials on a prompt.
  ///
  /// - Parameters:
  ///   - model: The model that continues it.
  ///   - prompt: The token ids.
  ///   - phrase: The operator's text (nil if it has none) and its tokens.
  ///   - options: The options of the continuation.
  /// - Throws: That the prompt, the concept or the phrase cannot be used.
  init(
    _ model: Model<S>, prompt: [Int], phrase: (text: String?, tokens: [Int]),
    options: SteeringOptions
  ) throws(InputError) {
    self.model = model
    ends = try model.endTokens()
    self.prompt = prompt
    self.options = options
    try model.decoder.validate(prompt)
    let named = options.concept ?? phrase.text.map { .text($0) } ?? .tokens(phrase.tokens)
    switch named {
    case .tokens, .chat:
      (concept, conceptText) = (try model.read(named).tokens, nil)
    case .text(let text):
      concept = try model.tokens(of: text)
      conceptText = text.trimmingCharacters(in: .whitespaces)
    }
    try model.decoder.validate(concept)
  }

  /// The model's continuation.
  ///
  /// - Parameter intervention: A change of the stream; nil for none.
  /// - Returns: The continuation with its effect and its damage.
  /// - Throws: That the context is exceeded or a number overflows.
  func trial(_ intervention: Intervention<S>?) throws(InputError) -> SteeringTrial {
    let continuation = try model.decoder.generate(
      after: prompt, count: options.count, endOfText: ends, sampling: options.sampling,
      intervention: intervention)
    let text = model.text(of: continuation, after: prompt)
    let measures = try measures(of: continuation, intervention)
    return SteeringTrial(
      text: text, tokens: model.named(continuation),
      conceptProbability: try probabilityOfConcept(intervention),
      conceptShare: measures?.conceptShare,
      containsConcept: contains(continuation, text: text), perplexity: measures?.perplexity,
      divergence: measures?.divergence)
  }

  /// Whether the text contains the concept's text in any case, or the tokens contain its tokens.
  private func contains(_ continuation: [Int], text: String) -> Bool {
    if let conceptText { return text.lowercased().contains(conceptText.lowercased()) }
    return continuation.indices.contains { continuation[$0...].starts(with: concept) }
  }

  /// The product of the probabilities of the concept's tokens, each after the prompt and the
  /// concept's earlier tokens.
  private func probabilityOfConcept(
    _ intervention: Intervention<S>?
  ) throws(InputError) -> Double? {
    let read = prompt + concept.dropLast()
    guard read.count <= model.decoder.configuration.contextLength else { return nil }
    let rows = try predictions(of: read, intervention)
    return exp(zip(rows, concept).reduce(0) { $0 + $1.0[$1.1] })
  }

  /// The measures of a continuation of at least one token.
  private func measures(
    of continuation: [Int], _ intervention: Intervention<S>?
  ) throws(InputError) -> (conceptShare: Double, perplexity: Double, divergence: Double)? {
    if continuation.isEmpty { return nil }
    let read = prompt + continuation.dropLast()
    let changed = try predictions(of: read, intervention)
    let plain = intervention == nil ? changed : try predictions(of: read, nil)
    let count = Double(continuation.count)
    // Sorted, because a sum in the order of a set would differ from run to run.
    let names = Set(concept).sorted()
    var (share, surprise, divergence) = (0.0, 0.0, 0.0)
    for (row, token) in continuation.enumerated() {
      share += names.reduce(0) { $0 + exp(changed[row][$1]) }
      surprise -= plain[row][token]
      for (p, q) in zip(changed[row], plain[row]) where p > -.infinity {
        divergence += exp(p) * (p - q)
      }
    }
    return (share / count, exp(surprise / count), divergence / count)
  }

  /// log p of every next token, after the prompt and after each of the following tokens.
  private func predictions(
    of tokens: [Int], _ intervention: Intervention<S>?
  ) throws(InputError) -> [[Double]] {
    var cache = KeyValueCache<S>(model.decoder.configuration)
    let output = try model.decoder.forward(tokens, cache: &cache, intervention: intervention)
    let logits = model.decoder.unembedding.logits(output.rows(prompt.count - 1..<tokens.count))
    var result: [[Double]] = []
    for r in 0..<logits.rows {
      let row = logits.row(r).map(Double.init)
      let (peak, total, _) = Kernels.softmaxSums(row)
      guard peak.isFinite, !row.contains(where: \.isNaN) else {
        throw .overflow(of: "the steered forward pass", in: S.self)
      }
      let logTotal = peak + log(total)
      result.append(row.map { $0 - logTotal })
    }
    return result
  }
}

extension Model {
  /// The tokens of a text inside another text: with a space before it and no special tokens.
  fileprivate func tokens(of text: String) throws(InputError) -> [Int] {
    guard let tokenizer else { return try tokens(of: .text(text)) }
    let words = text.trimmingCharacters(in: .whitespaces)
    // Tokenizers differ in where they put the space; inside a text this is unambiguous.
    let lead = try tokenizer.encode("a", addingSpecialTokens: false).tokens
    let both = try tokenizer.encode("a " + words, addingSpecialTokens: false).tokens
    return both.starts(with: lead) ? Array(both.dropFirst(lead.count)) : both
  }
}
