import Foundation
package import SecantCheckpoints
import SecantDecoders
package import SecantOperators
package import SecantReports

/// The part of a token's vector along a direction, which is taken away.
package struct VectorPart<S: Scalar>: Sendable {
  /// The token's position.
  package let position: Int
  /// The direction `[d]`, of any length but 0.
  package let direction: [S]

  /// Names a part.
  package init(position: Int, along direction: [S]) {
    (self.position, self.direction) = (position, direction)
  }
}

/// What taking a part of a token's vector away does to some words and to the target.
package struct RemovalOutcome: Sendable {
  /// A quantity as it is, as the frozen map predicts it without the part, and as it is measured without it.
  package struct Change: Sendable {
    /// With the part.
    package let before: Double
    /// Without it, by the frozen map.
    package let predicted: Double
    /// Without it, in a forward pass with nothing frozen.
    package let measured: Double
  }

  /// The length of the part over that of the token's vector, from 0 to 1.
  package let part: Double
  /// The probability that the next token is one of the words.
  package let probability: Change
  /// What the target is, such as " Paris - the".
  package let targetLabel: String
  /// The target, in logits.
  package let target: Change
  /// The same probability, measured without parts of the same length along random directions.
  package let controls: [Double]
  /// The likeliest next token, with the part and without it.
  package let prediction:
    (before: ExplanationReport.Prediction, after: ExplanationReport.Prediction)
}

extension Model {
  /// What a prompt's next token would be without parts of its tokens' vectors, each by itself.
  ///
  /// With x the vector of the token, v a direction of norm 1, c = v·x and J the token's map, the output of the frozen
  /// map is `y − c·J v`. The measured output is that of a forward pass in which the token's vector is `x − c·v`. A
  /// control takes `c·r` away, with a random direction r of norm 1: as large a change that has nothing to do with v.
  ///
  /// Costs the frozen map of the prompt, and for each part a product with it and as many forward passes as there are
  /// controls and one more.
  ///
  /// - Parameters:
  ///   - parts: The parts.
  ///   - prompt: A text or token ids.
  ///   - words: The ids of the words' tokens, each once; their order is that of the sum.
  ///   - controls: Random directions for each part.
  ///   - options: Target, position and gate rule; `seed` is what random directions are drawn from.
  /// - Returns: One outcome for each part, in order.
  /// - Throws: What in the prompt or the options cannot be satisfied, or that numbers overflow.
  package func removing(
    _ parts: [VectorPart<S>], from prompt: PromptInput, words: [Int], controls: Int,
    _ options: ExplanationOptions
  ) throws(InputError) -> [RemovalOutcome] {
    let input = try validated(prompt)
    let scope = try scope(tokens: input.tokens.count, options)
    let (position, width) = (scope.position, decoder.configuration.width)
    for part in parts
    where !(0...position).contains(part.position) || part.direction.count != width {
      throw InputError(
        .invalid, subject: "the direction that is taken away",
        expected: "\(width) numbers at a position in 0...\(position)",
        found: "\(part.direction.count) at \(part.position)",
        remedy: "use the model and the prompt of the direction")
    }
    let run = try decoder.linearize(at: input.tokens, gate: options.gate)
    let output = run.output(at: .output, position: position)
    let predicted = try predictedOutput(of: output, options)
    let readout = direction(of: predicted.target)
    let family = run.jacobians(to: .output, position: position)
    var generator = SplitMix64(seed: options.seed)
    var images: [[S]] = []
    var changes: [RunChange<S>] = []
    var sizes: [Double] = []
    for part in parts {
      let token = run.input.row(part.position)
      let removed = Self.part(of: token, along: part.direction)
      let length = Matrix(row: removed).norm
      sizes.append(length / Matrix(row: token).norm)
      images.append(
        family.from([.token(part.position)]).apply([Matrix(row: removed)])[0].row(0))
      let random = Matrix<S>.normal(rows: controls, columns: width, using: &generator)
      let others = (0..<controls).map { index in
        let row = random.row(index)
        let factor = S(length / Matrix(row: row).norm)
        return row.map { factor * $0 }
      }
      for vector in [removed] + others {
        changes.append(RunChange(vectors: [part.position: zip(token, vector).map(-)]))
      }
    }
    let outputs = ChangedRuns(of: decoder, at: run, position: position)
      .outputs(of: changes)
    /// What an output says of the words, the target and the next token.
    func read(_ output: [S]) throws(InputError) -> Reading {
      let logits = decoder.unembedding.logits(Matrix(row: output)).elements
      guard let next = prediction(logits, count: 1).first else { throw notFinite }
      let (peak, total, _) = Kernels.softmaxSums(logits)
      return Reading(
        words: words.reduce(0) { $0 + exp(Double(logits[$1]) - Double(peak)) } / total,
        target: Kernels.dot(readout.span, output.span), next: next)
    }
    let before = try read(output)
    return try parts.indices.map { index throws(InputError) in
      let frozen = try read(zip(output, images[index]).map(-))
      let rows = try (0...controls).map { place throws(InputError) in
        try read(outputs.changed.row(index * (controls + 1) + place))
      }
      return RemovalOutcome(
        part: sizes[index],
        probability: .init(
          before: before.words, predicted: frozen.words, measured: rows[0].words),
        targetLabel: predicted.describedTarget.label,
        target: .init(
          before: before.target, predicted: frozen.target, measured: rows[0].target),
        controls: rows.dropFirst().map(\.words), prediction: (before.next, rows[0].next))
    }
  }

  /// c·v, the part of a vector along a direction.
  private static func part(of vector: [S], along direction: [S]) -> [S] {
    let square = Kernels.squaredNorm(direction.span)
    let factor = square > 0 ? S(Kernels.dot(direction.span, vector.span) / square) : 0
    return direction.map { factor * $0 }
  }
}

/// What an output says.
private struct Reading {
  /// The probability of the words.
  let words: Double
  /// The target, in logits.
  let target: Double
  /// The likeliest token.
  let next: ExplanationReport.Prediction
}
