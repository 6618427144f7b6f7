package import SecantCheckpoints
import SecantDecoders
package import SecantOperators
package import SecantReports

/// The leading singular vectors of one token's map.
package struct TokenDirections<S: Scalar>: Sendable {
  /// The token's position.
  package let position: Int
  /// Output directions u_k, `[rank, d]`, each with the sign for which u·y is not negative.
  package let left: Matrix<S>
  /// Input directions v_k, `[rank, d]`, in the order and with the signs of `left`.
  package let right: Matrix<S>
}

extension Model {
  /// An explanation as ``explain(_:_:progress:answer:)`` gives it, with the vectors that the report decodes.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the explanation should contain, and how it is computed.
  /// - Returns: The report, and the vectors of each of its `jacobians`, in their order.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  package func explainWithDirections(
    _ prompt: PromptInput, _ options: ExplanationOptions
  ) throws(InputError) -> (report: ExplanationReport, directions: [TokenDirections<S>]) {
    let explained = try explained(prompt, options, progress: { _ in })
    let output = explained.linearization.output(
      at: options.site, position: explained.work.cost.scope.position)
    let directions = zip(explained.tokens, explained.decompositions).map { position, svd in
      let (left, right) = svd.signed(towards: output)
      return TokenDirections(position: position, left: left, right: right)
    }
    return (explained.report, directions)
  }
}
