package import Foundation
import SecantDigests
import Synchronization

/// Answers on disk, so that a question that was asked before is answered at once: a bounded folder of files.
///
/// An answer belongs to the question's words and to the model's files as they are: their names, sizes and times.
package final class AnswerCache: Sendable {
  private let folder: URL
  /// Bytes that all answers may take.
  private let limit: Int
  /// What else an answer depends on, such as the program's version.
  private let salt: String
  private let lock = Mutex(())

  /// The answers in a folder, which is made where there is none.
  ///
  /// - Throws: Why it cannot be made.
  package init(in folder: URL, limit: Int = 256 << 20, salt: String) throws {
    self.folder = folder
    self.limit = limit
    self.salt = salt
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// The answer that is known; nil where there is none.
  func answer(to arguments: [String], by model: String) -> Data? {
    let file = file(of: arguments, model)
    return lock.withLock { _ in
      guard let data = try? Data(contentsOf: file) else { return nil }
      // The one that was used last is the last to go.
      try? FileManager.default.setAttributes(
        [.modificationDate: Date()], ofItemAtPath: file.path(percentEncoded: false))
      return data
    }
  }

  /// Keeps an answer, whole or not at all.
  func keep(_ answer: Data, of arguments: [String], by model: String) {
    guard answer.count <= limit / 4 else { return }
    let file = file(of: arguments, model)
    lock.withLock { _ in
      try? answer.write(to: file, options: .atomic)
      makeRoom()
    }
  }

  private func file(of arguments: [String], _ model: String) -> URL {
    var digest = Digest(.sha256)
    for part in [salt, Self.stamp(of: model)] + arguments { digest.update(part + "\0") }
    return folder.appending(path: digest.hexadecimal + ".json")
  }

  /// What tells whether a model's files are those that they were.
  private static func stamp(of model: String) -> String {
    let url = URL(filePath: model).resolvingSymlinksInPath()
    let files =
      (try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)) ?? [
        url
      ]
    return files.sorted { $0.path < $1.path }.map { file in
      let file = file.resolvingSymlinksInPath()
      let values = try? file.resourceValues(forKeys: [.fileSizeKey, .contentModificationDateKey])
      return "\(file.path) \(values?.fileSize ?? -1) "
        + "\(values?.contentModificationDate?.timeIntervalSince1970 ?? -1)"
    }.joined(separator: "\n")
  }

  /// Removes the answers that were not used for longest, until the rest fits.
  private func makeRoom() {
    let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: Array(keys))
    var kept = (files ?? []).compactMap { file -> (file: URL, size: Int, used: Date)? in
      let fresh = URL(filePath: file.path(percentEncoded: false))
      guard let values = try? fresh.resourceValues(forKeys: keys), let size = values.fileSize,
        let used = values.contentModificationDate
      else { return nil }
      return (fresh, size, used)
    }.sorted { $0.used < $1.used }
    var total = kept.reduce(0) { $0 + $1.size }
    while total > limit, !kept.isEmpty {
      let oldest = kept.removeFirst()
      try? FileManager.default.removeItem(at: oldest.file)
      total -= oldest.size
    }
  }
}
