import Foundation

/// The weights of a Hugging Face folder: one safetensors file, or an index and the shards that it names.
package struct SafetensorsFolder {
  /// All tensors of the checkpoint.
  let tensors: [StoredTensor]

  /// The file of weights that are in one.
  package static let single = "model.safetensors"
  /// The file that names the shards of weights that are in several.
  package static let index = "model.safetensors.index.json"

  /// Opens the weight files of `folder`, reading their headers alone.
  init(at folder: URL) throws(InputError) {
    if Self.exists(Self.single, in: folder) {
      tensors = try SafetensorsFile(at: folder.appending(path: Self.single)).tensors
    } else if Self.exists(Self.index, in: folder) {
      tensors = try Self.shardedTensors(in: folder)
    } else {
      throw Self.noWeights(in: folder)
    }
  }

  private static func exists(_ name: String, in folder: URL) -> Bool {
    FileKind(at: folder.appending(path: name).path(percentEncoded: false)) != nil
  }

  private static func noWeights(in folder: URL) -> InputError {
    let pickled = ["pytorch_model.bin", "pytorch_model.bin.index.json"]
      .first { exists($0, in: folder) }
    return InputError(
      pickled == nil ? .missing : .unsupported, file: folder.path(percentEncoded: false),
      subject: "weights", expected: "\(single) or \(index)", found: pickled ?? "neither",
      remedy: pickled == nil
        ? "give the folder that holds the weights, or download them"
        : "convert the weights to safetensors: load the model with Hugging Face transformers and "
          + "call save_pretrained")
  }

  private static func shardedTensors(in folder: URL) throws(InputError) -> [StoredTensor] {
    let url = folder.appending(path: index)
    let path = url.path(percentEncoded: false)
    let root = try JSONField(parsing: try MappedFile.contents(of: url), file: path)
    var tensors: [StoredTensor] = []
    var shards: [String: SafetensorsFile] = [:]
    var owners: [String: String] = [:]
    for member in try root["weight_map"].object().members {
      let shardName = try root["weight_map"][member.key].string()
      if shards[shardName] == nil {
        let shard = try self.shard(shardName, of: member.key, in: folder, index: path)
        for tensor in shard.tensors {
          if let other = owners.updateValue(shardName, forKey: tensor.name) {
            throw InputError(
              .mismatched, file: path, subject: "tensor \(tensor.name)",
              expected: "one shard with it",
              found: "\(other) and \(shardName)", remedy: "download the checkpoint again")
          }
        }
        shards[shardName] = shard
      }
      guard let tensor = shards[shardName]?.tensor(named: member.key) else {
        throw InputError(
          .missing, file: path, subject: "tensor \(member.key)", expected: "it in \(shardName)",
          found: "a shard without it",
          remedy: "the index and the shards do not belong together: download both again")
      }
      tensors.append(tensor)
    }
    return tensors
  }

  /// Whether a name that stands in an index can be that of a shard.
  ///
  /// An index is a stranger's text: it names files of its own folder, and no others.
  package static func isShardName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.utf8.contains { "/\\\0".utf8.contains($0) }
  }

  private static func shard(
    _ name: String, of tensor: String, in folder: URL, index: String
  ) throws(InputError) -> SafetensorsFile {
    guard isShardName(name) else {
      throw InputError(
        .malformed, file: index, subject: "tensor \(tensor)",
        expected: "the name of a .safetensors file in the same folder", found: "\"\(name)\"",
        remedy: "do not trust this checkpoint; download it from its source")
    }
    guard exists(name, in: folder) else {
      throw InputError(
        .missing, file: index, subject: "shard \(name)", expected: "it beside the index",
        found: "no such file", remedy: "download the missing shard")
    }
    return try SafetensorsFile(at: folder.appending(path: name))
  }
}
