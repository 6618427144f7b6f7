public import Foundation
import SecantCheckpoints

/// A model that the cache has, or a part of one.
public struct CachedModel: Hashable, Sendable {
  /// In which form the weights are.
  public enum Form: Hashable, Sendable {
    /// Safetensors files beside a configuration.
    case safetensors
    /// A GGUF file or its parts; the quantization, or the file's name.
    case gguf(quantization: String)
    /// Files that Secant does not read, or no weights at all.
    case other
  }

  /// The owner and the model, such as "Qwen/Qwen3-0.6B".
  public let repository: String
  /// The commit.
  public let commit: String
  /// The branches and tags of the commit, in ascending order.
  public let revisions: [String]
  /// In which form the weights are.
  public let form: Form
  /// The folder of the snapshot, or the GGUF file, the first of several parts.
  public let url: URL
  /// The length of all files together.
  public let bytes: Int

  /// The name that the command accepts, with its revision unless that is `main`.
  public var name: String {
    let revision = revisions.contains("main") ? nil : revisions.first ?? commit
    let base = repository + (revision.map { "@" + $0 } ?? "")
    if case .gguf(let quantization) = form { return base + ":" + quantization }
    return base
  }
}

extension HubCache {
  /// All cached models, in ascending order of their names; none if there is no cache.
  ///
  /// Reads the names of files and their lengths. Commits of one model are told apart, and the GGUF models of
  /// one repository.
  public func models() -> [CachedModel] {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return folders.filter { $0.hasPrefix("models--") }.sorted().flatMap { folder in
      models(of: String(folder.dropFirst("models--".count)).replacing("--", with: "/"))
    }
  }

  private func models(of repository: String) -> [CachedModel] {
    let place = folder(of: repository)
    let commits =
      (try? FileManager.default.contentsOfDirectory(
        atPath: place.appending(path: "snapshots").path)) ?? []
    let revisions = revisions(in: place.appending(path: "refs"))
    return commits.filter { $0.isHexadecimal(count: 40) }.sorted().flatMap { commit in
      models(of: repository, at: commit, revisions: revisions[commit, default: []])
    }
  }

  /// The names of branches and tags, by their commits.
  private func revisions(in folder: URL) -> [String: [String]] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    var result: [String: [String]] = [:]
    for name in names.sorted() {
      guard CacheFile.size(of: folder.appending(path: name)) == 40,
        let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
      else { continue }
      result[text, default: []].append(name)
    }
    return result
  }

  private func models(
    of repository: String, at commit: String, revisions: [String]
  ) -> [CachedModel] {
    let snapshot = snapshot(of: repository, at: commit)
    let names = files(of: repository, at: commit)
    func bytes(_ names: some Sequence<String>) -> Int {
      names.reduce(0) { $0 + (CacheFile.size(of: snapshot.appending(path: $1)) ?? 0) }
    }
    func model(_ form: CachedModel.Form, _ url: URL, _ bytes: Int) -> CachedModel {
      CachedModel(
        repository: repository, commit: commit, revisions: revisions, form: form, url: url,
        bytes: bytes)
    }
    var result = GGUFSelection(names).models.map { found in
      model(
        .gguf(quantization: found.quantization), snapshot.appending(path: found.files[0]),
        bytes(found.files))
    }
    let others = names.filter { !$0.lowercased().hasSuffix(".gguf") }
    let hasTensors = others.contains { $0.hasSuffix(".safetensors") }
    if hasTensors || (result.isEmpty && !others.isEmpty) {
      result.append(model(hasTensors ? .safetensors : .other, snapshot, bytes(others)))
    }
    return result
  }
}
