import Secant

/// J_A − J_B: how one token's map differs after two prompts, as an operator that is never formed, and the words that
/// its leading directions write.
///
/// The prompts need not be as long as each other: each map is that of the token at its own position.
func differenceOfMaps(
  _ model: Model<Float>, _ first: (text: String, token: Int), _ second: (text: String, token: Int)
) throws -> (sigma: [Float], words: [[String]]) {
  func jacobian(_ text: String, _ token: Int) throws -> Jacobian<Float> {
    try model.decoder.linearize(at: model.tokens(of: .text(text)))
      .jacobian(from: .input(token: token), to: .output)
  }
  let difference = try jacobian(first.text, first.token)
    .plus(jacobian(second.text, second.token).scaled(by: -1))
  let svd = difference.svd(rank: 3)
  let words = (0..<3).map { model.topTokens(for: svd.left[$0], count: 5).map(\.text) }
  return (svd.singularValues, words)
}
