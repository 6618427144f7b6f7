// Made from Sources/SecantCheckpoints/SecantCheckpoints.docc/SecantCheckpoints.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import SecantCheckpoints

func codeOfSecantCheckpoints() throws {
  let checkpoint = try Checkpoint(at: "~/models/Llama-3.2-1B")
  let width = try checkpoint.configuration["hidden_size"].int()
  let norm = try checkpoint.tensor(named: "model.norm.weight", shape: [width])
  print(norm.format)                           // "BF16": as it is stored
  let numbers = norm.values(as: Double.self)   // as numbers, exactly
  _ = (checkpoint, width, norm, numbers)
}
