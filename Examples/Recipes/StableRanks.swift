import Secant

/// The stable rank ‖J‖_F² / σ₁² of each block's own map at the last position: how many directions carry it.
///
/// `alone` takes one block out of the frozen decoder, with the stream that entered it as the input.
func stableRanks(_ model: Model<Float>, _ text: String) throws -> [Double] {
  let frozen = try model.decoder.linearize(at: model.tokens(of: .text(text)))
  return frozen.blocks.indices.map { n in
    let block = frozen.alone(n)
    let last = block.tokens.count - 1
    let svd = block.jacobian(from: .input(token: last), to: .block(0, .residual))
      .svd(rank: 1, using: .dense(DenseSVD()))
    return svd.stableRank?.value ?? .nan
  }
}
