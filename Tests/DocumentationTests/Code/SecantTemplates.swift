// Made from Sources/SecantTemplates/SecantTemplates.docc/SecantTemplates.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantCheckpoints
import SecantTemplates
import SecantTokenizers

func codeOfSecantTemplates(folder: URL) throws {
  let tokenizer = try Tokenizer(folder: folder)
  if let template = try ChatTemplate(folder: folder) {
    let text = try template.render([ChatMessage(role: .user, content: "Where is Marin?")])
    let prompt = try tokenizer.encode(text, addingSpecialTokens: false)
    print(prompt.tokens)
  }


  let greeting = try Template("{% for name in names %}Hello {{ name | capitalize }}! {% endfor %}")
  let names = try JSON(parsing: Array(#"["ada", "alan"]"#.utf8), file: "names")
  print(try greeting.render(["names": names]))    // Hello Ada! Hello Alan!
  _ = (tokenizer, greeting, names)
}
