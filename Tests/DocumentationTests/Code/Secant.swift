// Made from Sources/Secant/Secant.docc/Secant.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Secant

func codeOfSecant(path: String) throws {
  let checkpoint = try Checkpoint(at: path)
  let decoder = try Decoder<Float>(checkpoint)
  let tokenizer = try Tokenizer(checkpoint)
  let prompt = try tokenizer.encode("The bridge out of Marin is the")
  let frozen = try decoder.linearize(at: prompt)
  let jacobian = frozen.jacobian(from: .input(token: 3), to: .output)
  let svd = jacobian.svd(rank: 8)
  let words = decoder.unembedding.topTokens(for: svd.left[0], count: 8)

  let model = try Model<Float>(named: "demo")
  let report = try model.explain(.text("The bridge out of Marin is the"))
  print(report.terminalText())
  _ = (checkpoint, decoder, tokenizer, prompt, frozen, jacobian, svd, words, model, report)
}
