import SecantDecoders
import SecantOperators
import SecantReports

/// What a prompt's shares are sorted by, beside their sizes: an attention sink, and spans of the text.
struct ShareOrder: Sendable {
  /// How much attention the first token gets; nil where it was not asked for, or no token comes after it.
  let firstToken: FirstTokenAttention?
  /// The tokens that are counted together; nil for each by itself.
  let spans: TokenSpans?

  /// The excess attention from which on a first token is a sink.
  ///
  /// Measured on SmolLM2-135M and Gemma-3-270M at 5 to 2100 tokens of prose, code and lists, the first token has 0.27
  /// to 0.7, and no other one more than 0.1.
  static let sinkExcess = 0.15

  /// The positions of the tokens that are set apart.
  var baseline: [Int] {
    firstToken.map { $0.excess > Self.sinkExcess } == true ? [0] : []
  }
}

extension Model {
  /// What the shares of a frozen prompt are sorted by.
  ///
  /// - Parameters:
  ///   - linearization: The frozen decoder.
  ///   - position: The position up to which there are shares; of the first token alone nothing is set apart.
  ///   - spans: The tokens that are counted together.
  ///   - options: Whether a sink is looked for.
  /// - Returns: The attention that the first token gets, and the spans.
  func shareOrder(
    _ linearization: Linearization<S>, position: Int, _ spans: TokenSpans?,
    _ options: ExplanationOptions
  ) -> ShareOrder {
    ShareOrder(
      firstToken: options.marksBaseline && position > 0 ? linearization.firstTokenAttention : nil,
      spans: spans)
  }
}

extension ExplanationReport.Shares {
  /// A target divided among tokens, of these their positions' vectors if there are any, and biases.
  init(
    tokens: [Double], positions: [Double] = [], bias: Double, logit: Double, _ order: ShareOrder
  ) {
    let baseline = order.baseline
    func share(_ value: Double, isBaseline: Bool = false) -> Share {
      Share(value: value, fraction: value / logit, isBaseline: isBaseline)
    }
    let sum = tokens.reduce(0, +) + bias
    let grouping = order.spans.map { spans in
      Grouping(
        by: spans.by,
        spans: spans.spans.compactMap { span in
          let positions = span.positions.filter { !baseline.contains($0) }
          if positions.isEmpty { return nil }
          let value = positions.reduce(0.0) { $0 + tokens[$1] }
          return Span(
            name: span.name, positions: positions, value: value, fraction: value / logit)
        })
    }
    self.init(
      tokens: tokens.enumerated().map { share($1, isBaseline: baseline.contains($0)) },
      positions: positions.isEmpty ? nil : positions,
      bias: share(bias), sum: sum, logit: logit, difference: sum - logit,
      firstToken: order.firstToken.map {
        .init(attention: $0.weight, evenAttention: $0.evenWeight, excess: $0.excess)
      }, grouping: grouping)
  }

  /// The shares by which tokens are chosen: a baseline's count as nothing.
  var selecting: [Double] { tokens.map { $0.isBaseline ? 0 : $0.value } }
}
