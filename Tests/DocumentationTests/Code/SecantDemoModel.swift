// Made from Sources/SecantDemoModel/SecantDemoModel.docc/SecantDemoModel.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantDemoModel

func codeOfSecantDemoModel() throws {
  let folder = try DemoModel.folder()       // config.json, model.safetensors, tokenizer.json, …
  print(folder.path)
  _ = (folder)
}
