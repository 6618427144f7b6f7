import Secant

/// From a checkpoint and a text to what one token's map writes: each line a value of the one before.
func straightLine(_ path: String, _ text: String) throws -> [String] {
  let checkpoint = try Checkpoint(at: path)
  let decoder = try Decoder<Float>(checkpoint)
  let tokenizer = try Tokenizer(checkpoint)
  let prompt = try tokenizer.encode(text)
  let frozen = try decoder.linearize(at: prompt)
  let jacobian = frozen.jacobian(from: .input(token: 3), to: .output)
  let svd = jacobian.svd(rank: 8)
  let words = decoder.unembedding.topTokens(for: svd.left[0], count: 8)
  return words.map { tokenizer.displayText(of: $0.token) }
}
