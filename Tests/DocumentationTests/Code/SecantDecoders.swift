// Made from Sources/SecantDecoders/SecantDecoders.docc/SecantDecoders.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators

func codeOfSecantDecoders(folder: URL) throws {
  let decoder = try Decoder<Double>(Checkpoint(at: folder))
  let frozen = try decoder.linearize(at: [0, 17, 42, 5])
  let y = frozen.output()                                    // what the model computed, [d]
  let sum = frozen.jacobians().sum(frozen.input)             // Σ J_i x_i: y, less b, but for rounding
  let b = frozen.offset()
  let jacobian = frozen.jacobian(from: .input(token: 3), to: .block(1, .attention))
  let image = jacobian.apply(frozen.input.rows(3..<4))       // J_3 x_3, [1, d]

  let other = try decoder.linearize(at: [0, 17, 41, 5])
  let w = decoder.unembedding.direction(of: 7)
  let change = frozen.difference(from: other, of: Readout(w, at: 3))
  print(change.real, change.sum, change.total(of: .pattern), change.largestEntries.prefix(12))
  _ = (decoder, frozen, y, sum, b, jacobian, image, other, w, change)
}
