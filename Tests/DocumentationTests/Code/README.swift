// Made from README.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Secant

func codeOfREADME(path: String) throws {
  let checkpoint = try Checkpoint(at: path)                    // a Hugging Face folder, or a .gguf file
  let decoder = try Decoder<Float>(checkpoint)                 // configuration and weights, immutable
  let tokenizer = try Tokenizer(checkpoint)
  let prompt = try tokenizer.encode("The bridge out of Marin is the")
  let frozen = try decoder.linearize(at: prompt)               // one forward pass: y* and the frozen maps
  let jacobian = frozen.jacobian(from: .input(token: 3), to: .output)   // a linear operator, never formed
  let svd = jacobian.svd(rank: 8)                              // with a residual for every triplet
  let words = decoder.unembedding.topTokens(for: svd.left[0], count: 8)

  let model = try Model<Float>(named: "demo")                  // or a path, or a name of the Hub
  let report = try model.explain(.text("The bridge out of Marin is the"))
  print(report.terminalText())                                 // or report.htmlPage(), or report.jsonData()
  _ = (checkpoint, decoder, tokenizer, prompt, frozen, jacobian, svd, words, model, report)
}
