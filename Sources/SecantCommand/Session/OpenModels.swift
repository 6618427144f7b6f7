import Foundation
import Secant
import Synchronization

/// The models that a session keeps open between its questions: the two that were used last.
///
/// A model whose files have changed meanwhile counts as closed.
final class OpenModels: Sendable {
  private struct Entry: Sendable {
    let key: String
    let model: any Sendable
    let stamps: Set<Stamp>
  }

  /// What tells whether a file is still the one that was opened.
  private struct Stamp: Hashable, Sendable {
    let path: String
    let size: Int?
    let changed: Date?

    init(_ url: URL) {
      let url = url.resolvingSymlinksInPath()
      path = url.path(percentEncoded: false)
      let values = try? URL(filePath: path).resourceValues(
        forKeys: [.fileSizeKey, .contentModificationDateKey])
      (size, changed) = (values?.fileSize, values?.contentModificationDate)
    }
  }

  /// Comparisons take two.
  private static let capacity = 2
  /// Those that are open, the last used one last.
  private let entries = Mutex<[Entry]>([])

  /// No model yet.
  init() {}

  /// The open model of a key; nil where there is none with these very files.
  func model<S: Scalar>(_ key: String, _: S.Type = S.self) -> Model<S>? {
    entries.withLock { entries in
      guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
      let entry = entries.remove(at: index)
      guard let model = entry.model as? Model<S>, Self.stamps(model) == entry.stamps else {
        return nil
      }
      entries.append(entry)
      return model
    }
  }

  /// Keeps a model open.
  func keep<S: Scalar>(_ model: Model<S>, as key: String) {
    let entry = Entry(key: key, model: model, stamps: Self.stamps(model))
    entries.withLock { entries in
      entries.append(entry)
      entries.removeFirst(max(0, entries.count - Self.capacity))
    }
  }

  private static func stamps<S: Scalar>(_ model: Model<S>) -> Set<Stamp> {
    Set(model.checkpoint.files.map(Stamp.init))
  }
}
