package import Foundation

/// The weights of a Hugging Face folder: one safetensors file, or an index and the shards that it names.
package struct SafetensorsFolder {
  /// All tensors of the checkpoint.
  let tensors: [StoredTensor]
  /// The shards of tensors that the index names and no shard has, by the tensors' names.
  let absent: [String: String]

  /// The file of weights that are in one.
  package static let single = "model.safetensors"
  /// The file that names the shards of weights that are in several.
  package static let index = "model.safetensors.index.json"
  /// The longest index that is read, in bytes: four times the longest that are known.
  private static let maximumIndexBytes = 1 << 26

  /// Opens the weight files of `folder`, reading their headers alone.
  init(at folder: URL) throws(InputError) {
    if Self.exists(Self.single, in: folder) {
      tensors = try SafetensorsFile(at: folder.appending(path: Self.single)).tensors
      absent = [:]
    } else if Self.exists(Self.index, in: folder) {
      let shards = try Shards(in: folder)
      (tensors, absent) = (shards.tensors, shards.absent)
    } else {
      throw FolderNames(in: folder).noWeights
    }
  }

  private static func exists(_ name: String, in folder: URL) -> Bool {
    FileKind(at: folder.appending(path: name).path(percentEncoded: false)) != nil
  }

  /// The shard of each tensor according to an index, in the order of the file.
  ///
  /// - Parameters:
  ///   - index: Where the index is.
  ///   - file: The name that errors give.
  /// - Returns: The names of tensors and of shards, which lie in the index's folder or below.
  /// - Throws: `InputError` if the index is malformed or names a file outside its folder.
  package static func shards(
    in index: URL, file: String
  ) throws(InputError) -> [(tensor: String, shard: String)] {
    let bytes = try MappedFile.contents(of: index, atMost: maximumIndexBytes)
    let map = try JSONField(parsing: bytes, file: file)["weight_map"]
    var places: [(tensor: String, shard: String)] = []
    for member in try map.object().members {
      let name = try map[member.key].string()
      guard isShardName(name) else {
        throw InputError(
          .malformed, file: file, subject: "tensor \(member.key)",
          expected: "the name of a .safetensors file in the same folder or below it",
          found: "\"\(name)\"",
          remedy: "do not trust this checkpoint; download it from its source")
      }
      places.append((member.key, name))
    }
    return places
  }

  /// Whether a name in an index can be that of a shard.
  ///
  /// An index is untrusted: only names of files in its own folder, and in folders there, are allowed.
  private static func isShardName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.utf8.contains { "\\\0".utf8.contains($0) }
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !["", ".", ".."].contains($0)
      }
  }

  /// The shards that an index names, and what they hold.
  ///
  /// The shards' content counts. The index decides if several hold a tensor of one name, as when one
  /// of them lies over the others; what it names and none holds is absent, and what one holds and it does not
  /// name is there.
  private struct Shards {
    var tensors: [StoredTensor] = []
    var absent: [String: String] = [:]

    init(in folder: URL) throws(InputError) {
      let url = folder.appending(path: SafetensorsFolder.index)
      let path = url.path(percentEncoded: false)
      let places = try SafetensorsFolder.shards(in: url, file: path)
      var shards: [String: SafetensorsFile] = [:]
      var owners: [String: [String]] = [:]
      var names: [String] = []
      for (_, shard) in places where shards[shard] == nil {
        let file = try Self.open(shard, in: folder, index: path)
        shards[shard] = file
        for tensor in file.tensors {
          if owners[tensor.name] == nil { names.append(tensor.name) }
          owners[tensor.name, default: []].append(shard)
        }
      }
      let indexed = Dictionary(places.map { ($0.tensor, $0.shard) }) { first, _ in first }
      for name in names {
        let holders = owners[name] ?? []
        let chosen = indexed[name].flatMap { holders.contains($0) ? $0 : nil } ?? holders[0]
        guard holders.count == 1 || chosen == indexed[name],
          let tensor = shards[chosen]?.tensor(named: name)
        else {
          throw InputError(
            .mismatched, file: path, subject: "tensor \(name)",
            expected: "one shard with it, or the index to name one that has it",
            found: holders.joined(separator: " and "), remedy: "download the checkpoint again")
        }
        tensors.append(tensor)
      }
      for (tensor, shard) in places where owners[tensor] == nil { absent[tensor] = shard }
    }

    private static func open(
      _ name: String, in folder: URL, index: String
    ) throws(InputError) -> SafetensorsFile {
      guard SafetensorsFolder.exists(name, in: folder) else {
        throw InputError(
          .missing, file: index, subject: "shard \(name)", expected: "it beside the index",
          found: "no such file", remedy: "download the missing shard")
      }
      return try SafetensorsFile(at: folder.appending(path: name))
    }
  }
}
