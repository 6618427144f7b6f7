import Foundation
import Secant
import SecantTestSupport
import Testing

/// A text goes through a GGUF file's own tokenizer to the same explanation as through the folder's files.
///
/// The file is written here as llama.cpp's converter writes one: the rows of query and key heads in its
/// order, vectors in F32, the vocabulary with its merges in the metadata. What this does not prove: that
/// files of other models name what they mean; those tokenizers and families have tests of their own.
@Suite struct GGUFDemoTests {
  private let models: (folder: Model<Float>, gguf: Model<Float>)

  init() throws {
    let demo = try Checkpoint(named: "demo")
    let url = FileManager.default.temporaryDirectory
      .appending(path: "secant-tests-\(UUID().uuidString).gguf")
    try Data(try ConvertedLlama(demo).bytes()).write(to: url)
    // What is mapped stays when the name goes.
    defer { try? FileManager.default.removeItem(at: url) }
    models = (try Model(demo), try Model(Checkpoint(at: url)))
  }

  @Test func explanationsOfTextsAreTheSameBitForBit() throws {
    let text = "The bridge out of Marin is the"
    let expected = try models.folder.explain(.text(text))
    let found = try models.gguf.explain(.text(text))
    #expect(found.target.token?.text == " Golden")
    #expect(found.prompt == expected.prompt)
    #expect(found.prediction == expected.prediction)
    #expect(found.target == expected.target)
    #expect(found.reconstruction == expected.reconstruction)
    #expect(found.shares == expected.shares)
    #expect(found.jacobians == expected.jacobians)
    #expect(found.notes == expected.notes)
    #expect(found.provenance.model.parameterCount == expected.provenance.model.parameterCount)
    #expect(found.provenance.model.fingerprint != expected.provenance.model.fingerprint)
  }

  @Test(
    arguments: [
      "They walked to the", " leading and  double  spaces ", "It's 12345 o'clock; we'll see!",
      "naïve café, 東京 🚀\n\n\tnew lines\r\n", "<|begin_of_text|>The end<|end_of_text|>", "a",
    ])
  func textsAreTheSameTokens(text: String) throws {
    let tokens = try models.gguf.tokens(of: .text(text))
    #expect(try tokens == models.folder.tokens(of: .text(text)))
    #expect(tokens.map(models.gguf.text) == tokens.map(models.folder.text))
  }
}

/// A folder with a Llama of tied embeddings and a byte-level tokenizer.json, as a GGUF file.
private struct ConvertedLlama {
  private let checkpoint: Checkpoint
  private let configuration: DecoderConfiguration

  init(_ checkpoint: Checkpoint) throws {
    self.checkpoint = checkpoint
    configuration = try DecoderConfiguration(checkpoint)
  }

  func bytes() throws -> [UInt8] {
    var file = GGUFBytes()
    try addKeys(to: &file)
    try addTokenizer(to: &file)
    for tensor in checkpoint.tensors { add(tensor, to: &file) }
    return file.file
  }

  private func addKeys(to file: inout GGUFBytes) throws {
    let root = checkpoint.configuration
    file.add("general.architecture", "llama")
    for (key, field) in [
      ("block_count", "num_hidden_layers"), ("context_length", "max_position_embeddings"),
      ("embedding_length", "hidden_size"), ("feed_forward_length", "intermediate_size"),
      ("attention.head_count", "num_attention_heads"),
      ("attention.head_count_kv", "num_key_value_heads"), ("attention.key_length", "head_dim"),
      ("attention.value_length", "head_dim"), ("rope.dimension_count", "head_dim"),
      ("vocab_size", "vocab_size"),
    ] {
      file.add("llama.\(key)", UInt32(try root[field].int()))
    }
    file.add(
      "llama.rope.freq_base", Float(try root["rope_parameters"]["rope_theta"].double()))
    file.add(
      "llama.attention.layer_norm_rms_epsilon", Float(try root["rms_norm_eps"].double()))
  }

  /// The tokenizer splits as Llama 3's does, but merges words that are tokens too: smaug-bpe's way.
  private func addTokenizer(to file: inout GGUFBytes) throws {
    let json = try JSONField(contentsOf: checkpoint.url.appending(path: "tokenizer.json"))
    var texts = [String](repeating: "", count: configuration.vocabularySize)
    var kinds = [Int32](repeating: 1, count: texts.count)
    for member in try json["model"]["vocab"].object().members {
      texts[try json["model"]["vocab"][member.key].int()] = member.key
    }
    for token in try json["added_tokens"].array() {
      let id = try token["id"].int()
      (texts[id], kinds[id]) = (try token["content"].string(), 3)
    }
    let merges = try json["model"]["merges"].array().map { merge in
      try merge.array().map { try $0.string() }.joined(separator: " ")
    }
    file.add("tokenizer.ggml.model", "gpt2")
    file.add("tokenizer.ggml.pre", "smaug-bpe")
    file.add("tokenizer.ggml.tokens", texts)
    file.add(
      "tokenizer.ggml.token_type", type: 5, count: kinds.count,
      kinds.flatMap { GGUFBytes.bytes($0) })
    file.add("tokenizer.ggml.merges", merges)
    for (name, field) in [("bos", "bos_token_id"), ("eos", "eos_token_id")] {
      file.add(
        "tokenizer.ggml.\(name)_token_id", UInt32(try checkpoint.configuration[field].int()))
    }
    file.add("tokenizer.ggml.add_bos_token", type: 7, [1])
  }

  private func add(_ tensor: StoredTensor, to file: inout GGUFBytes) {
    let name = Self.names.reduce(tensor.name) { $0.replacing($1.0, with: $1.1) }
    guard tensor.shape.count == 2 else {
      let values = tensor.values(as: Float.self)
      file.add(
        tensor: name, type: 0, tensor.shape, values.flatMap { GGUFBytes.bytes($0.bitPattern) })
      return
    }
    let bytes = tensor.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    let rowBytes = bytes.count / tensor.rowCount
    let isTurned = name.hasSuffix("attn_q.weight") || name.hasSuffix("attn_k.weight")
    let rows = (0..<tensor.rowCount).flatMap { row in
      let place = isTurned ? halved(row) : row
      return bytes[place * rowBytes..<(place + 1) * rowBytes]
    }
    file.add(tensor: name, type: 1, tensor.shape, rows)
  }

  /// The row of Hugging Face's order that stands at a row of llama.cpp's, whose pairs are neighbours.
  private func halved(_ row: Int) -> Int {
    let (head, place) = row.quotientAndRemainder(dividingBy: configuration.headWidth)
    return head * configuration.headWidth + place / 2 + place % 2 * (configuration.headWidth / 2)
  }

  private static let names = [
    ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("model.layers.", "blk."),
    ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
    ("self_attn.o_proj", "attn_output"), ("input_layernorm", "attn_norm"),
    ("post_attention_layernorm", "ffn_norm"), ("mlp.gate_proj", "ffn_gate"),
    ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
  ]
}
