import Foundation
import Secant

/// What reads files from strangers, and must survive whatever they hold.
enum Reader: String, CaseIterable {
  case safetensors, gguf, tokenizer, template

  /// Reads an input as far as its kind goes; what it is refused for does not matter.
  func read(_ bytes: [UInt8]) {
    switch self {
    case .safetensors: try? readSafetensors(bytes)
    case .gguf: try? readGGUF(bytes)
    case .tokenizer: try? readTokenizer(bytes)
    case .template: try? renderTemplate(bytes)
    }
  }

  /// Opens a safetensors file and looks at every tensor's bytes.
  private func readSafetensors(_ bytes: [UInt8]) throws {
    let file = try SafetensorsFile(at: Self.file("model.safetensors", bytes))
    for tensor in file.tensors {
      precondition(file.tensor(named: tensor.name)?.shape == tensor.shape)
      tensor.withBytes { precondition($0.count == tensor.byteCount && $0.count <= bytes.count) }
      _ = tensor.firstNonFiniteIndex()
    }
  }

  /// Opens a GGUF model: its keys, its configuration, its tokenizer.
  private func readGGUF(_ bytes: [UInt8]) throws {
    let checkpoint = try Checkpoint(at: Self.file("model.gguf", bytes))
    _ = try? DecoderConfiguration(checkpoint)
    try use(Tokenizer(checkpoint))
  }

  private func readTokenizer(_ bytes: [UInt8]) throws {
    try use(Tokenizer(json: JSONField(parsing: bytes, file: "tokenizer.json")))
  }

  private func use(_ tokenizer: Tokenizer) throws {
    for text in ["", "The bridge's 1234\n\n  🚀 é <|begin|><s>", "\u{0}\u{202e}aaaaaaaa"] {
      let tokens = try tokenizer.encode(text).tokens
      precondition(tokens.allSatisfy(tokenizer.contains))
      _ = try? tokenizer.decode(tokens)
    }
  }

  /// Renders a chat template of a short conversation.
  private func renderTemplate(_ bytes: [UInt8]) throws {
    let text = #"""
      {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1"}],
       "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true}
      """#
    let members = try JSONField(parsing: Array(text.utf8), file: "variables").object().members
    let variables = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
    _ = try Template(String(decoding: bytes, as: UTF8.self)).render(variables)
  }

  /// A file that holds the bytes, in memory where the system has such a place.
  private static func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
    let memory = "/dev/shm"
    let root =
      FileManager.default.fileExists(atPath: memory) ? memory : NSTemporaryDirectory()
    let folder = URL(filePath: root).appending(path: "secant-fuzz-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let url = folder.appending(path: name)
    try Data(bytes).write(to: url)
    return url
  }
}
