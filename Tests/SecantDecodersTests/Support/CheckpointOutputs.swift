import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// What a checkpoint computes of tokens: the last logits, the output, and the Jacobians of all tokens.
func outputs<S: Scalar>(_ checkpoint: Checkpoint, _ tokens: [Int]) throws -> [[S]] {
  let decoder = try Decoder<S>(checkpoint)
  let frozen = try decoder.linearize(at: tokens)
  let jacobians = frozen.jacobians().applyAdjointToAll(.identity(decoder.configuration.width))
  return [
    decoder.unembedding.logits(Matrix(row: frozen.output())).elements, frozen.output(),
    jacobians.flatMap(\.elements),
  ]
}
