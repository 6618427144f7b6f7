// Made from Sources/SecantTokenizers/SecantTokenizers.docc/SecantTokenizers.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantTokenizers

func codeOfSecantTokenizers(folder: URL) throws {
  let tokenizer = try Tokenizer(folder: folder)
  let prompt = try tokenizer.encode("The bridge out of Marin is the")
  for token in prompt.tokens { print(token, tokenizer.displayText(of: token)) }
  let text = try tokenizer.decode(prompt.tokens, skippingSpecialTokens: true)
  _ = (tokenizer, prompt, text)
}
