package import Foundation
import Synchronization

/// Files that appear at their places together, or not at all.
///
///     let staged = StagedFiles()
///     try AtomicFile.write(page, to: staged.file(for: pageURL))
///     try AtomicFile.write(table, to: staged.file(for: tableURL))
///     try staged.commit()
///
/// Each file is written to a temporary folder beside its destination, so that ``commit()`` only
/// has to rename it. If one of several renames fails, those before it are undone. Without
/// `commit` the temporary folders are removed and every destination stays unchanged. Only a process that is killed
/// leaves one behind, named `.secant-….partial`. All may be called from several threads.
package final class StagedFiles: Sendable {
  /// One rename, and the file that it replaces.
  private struct Move {
    let source: String
    let target: String
    /// The file's name in messages.
    let path: String
    /// The backup of the previous file, kept until all others are in place.
    let former: String
    /// The permission bits of the previous file; nil if there was none.
    let permissions: mode_t?
  }

  private struct State {
    /// The temporary folder of each folder, by the latter's path.
    var folders: [String: String] = [:]
    /// Other folders that are removed at the end.
    var scratch: [String] = []
    var moves: [Move] = []
  }

  private let state = Mutex(State())

  /// No files yet.
  package init() {}

  deinit { discard() }

  // MARK: - Places

  /// Makes sure that a file can be created or replaced at `url`; nothing is left there.
  ///
  /// - Throws: `InputError` if its name cannot be, its folder does not take files, or something else than a
  ///   writable regular file stands there.
  package func check(_ url: URL) throws(InputError) {
    let target = url.resolvingSymlinksInPath()
    let path = url.path(percentEncoded: false)
    _ = try AtomicFile.replaceable(target.path(percentEncoded: false), path)
    try checkFolder(target.deletingLastPathComponent(), for: path)
  }

  /// Checks that files can be written to a folder, by writing as for a real file.
  ///
  /// It holds the lock, so that nothing is left if the program is ended meanwhile.
  private func checkFolder(_ folder: URL, for path: String) throws(InputError) {
    try state.withLock { _ throws(InputError) in
      let temporary = folder.appending(path: AtomicFile.temporaryName()).path(percentEncoded: false)
      do throws(SystemError) {
        try OpenFile.makeFolder(temporary, isPrivate: true)
      } catch {
        throw InputError(writing: path, error)
      }
      try? FileManager.default.removeItem(atPath: temporary)
    }
  }

  /// Makes sure that files can be created in the folder `url`, which need not exist yet.
  ///
  /// - Throws: `InputError` if they cannot.
  package func checkFolder(_ url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    let (existing, missing) = try Self.divided(url, path)
    for name in missing {
      do throws(SystemError) {
        _ = try FileStatus(at: existing.appending(path: name).path(percentEncoded: false))
      } catch {
        if !error.isAbsence { throw InputError(writing: path, error) }
      }
    }
    try checkFolder(existing, for: path)
  }

  /// The part of a folder's path that exists, symbolic links followed, and the names after it.
  private static func divided(
    _ url: URL, _ path: String
  ) throws(InputError) -> (existing: URL, missing: [String]) {
    var existing = url.standardizedFileURL.resolvingSymlinksInPath()
    var missing: [String] = []
    while true {
      do throws(SystemError) {
        let status = try FileStatus(at: existing.path(percentEncoded: false))
        guard status.kind == .folder else { break }
        return (existing, missing)
      } catch {
        guard error.isAbsence, existing.pathComponents.count > 1 else {
          throw InputError(writing: path, error)
        }
        missing.insert(existing.lastPathComponent, at: 0)
        existing.deleteLastPathComponent()
      }
    }
    throw InputError(
      .unreadable, file: path, subject: "output", expected: "a folder that takes files",
      found: "something else at \(existing.path(percentEncoded: false))",
      remedy: "name another folder")
  }

  // MARK: - Staging

  /// The temporary path for a file that `commit` moves to `url`, after symbolic links.
  ///
  /// - Throws: `InputError` if nothing can be written there, or a file for the same place was asked for before.
  package func file(for url: URL) throws(InputError) -> URL {
    let target = url.resolvingSymlinksInPath()
    let path = url.path(percentEncoded: false)
    let status = try AtomicFile.replaceable(target.path(percentEncoded: false), path)
    return try stage(target, path, permissions: status?.permissions)
  }

  /// The folder, empty and writable, whose files `commit` is to bring to a folder `url` that does not exist;
  /// nil where it exists, and files come into it one by one.
  ///
  /// Missing parent folders are made too.
  ///
  /// - Throws: `InputError` if it cannot be created.
  package func folder(for url: URL) throws(InputError) -> URL? {
    let path = url.path(percentEncoded: false)
    let (existing, missing) = try Self.divided(url, path)
    guard let first = missing.first else { return nil }
    var folder = try stage(existing.appending(path: first), path, permissions: nil)
    do throws(SystemError) {
      try OpenFile.makeFolder(folder.path(percentEncoded: false), isPrivate: false)
      for name in missing.dropFirst() {
        folder.append(path: name)
        try OpenFile.makeFolder(folder.path(percentEncoded: false), isPrivate: false)
      }
    } catch {
      throw InputError(writing: path, error)
    }
    return folder
  }

  /// A temporary folder for other programs' files, removed at the end.
  ///
  /// - Throws: The system's error.
  package func scratchFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: AtomicFile.temporaryName())
    try state.withLock { state in
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      state.scratch.append(folder.path(percentEncoded: false))
    }
    return folder
  }

  private func stage(
    _ target: URL, _ path: String, permissions: mode_t?
  ) throws(InputError) -> URL {
    let place = target.path(percentEncoded: false)
    let parent = target.deletingLastPathComponent()
    return try state.withLock { state throws(InputError) in
      guard !state.moves.contains(where: { $0.target == place }) else {
        throw InputError(
          .invalid, file: path, subject: "output", expected: "a path for each file",
          found: "two files for this one", remedy: "give one of them another name or folder")
      }
      let key = parent.path(percentEncoded: false)
      if state.folders[key] == nil {
        let folder = parent.appending(path: AtomicFile.temporaryName()).path(percentEncoded: false)
        do throws(SystemError) {
          try OpenFile.makeFolder(folder, isPrivate: true)
        } catch {
          throw InputError(writing: path, error)
        }
        state.folders[key] = folder
      }
      let folder = URL(filePath: state.folders[key] ?? key)
      let name = "\(state.moves.count)"
      let source = folder.appending(path: name)
      state.moves.append(
        Move(
          source: source.path(percentEncoded: false), target: place, path: path,
          former: folder.appending(path: "former-" + name).path(percentEncoded: false),
          permissions: permissions))
      return source
    }
  }

  // MARK: - The end

  /// Puts all files in their places; nothing can be staged afterwards.
  ///
  /// - Throws: `InputError` if the disk fails or a place has changed meanwhile; every place is then what it was.
  package func commit() throws(InputError) {
    try state.withLock { state throws(InputError) in
      var placed: [Move] = []
      for move in state.moves {
        do throws(SystemError) {
          placed.append(move)
          try Self.place(move, isLast: placed.count == state.moves.count)
        } catch {
          for move in placed.reversed() { Self.takeBack(move) }
          throw InputError(writing: move.path, error)
        }
      }
      Self.remove(state)
      // Names are durable once their folders are; they are in place whether or not this succeeds.
      for folder in state.folders.keys { _ = try? OpenFile(reading: folder).synchronize() }
      state = State()
    }
  }

  /// Renames a file, and keeps the replaced one while another rename may still fail.
  private static func place(_ move: Move, isLast: Bool) throws(SystemError) {
    if let permissions = move.permissions {
      OpenFile.setPermissions(permissions, of: move.source)
    }
    if !isLast, FileKind(at: move.target) == .regular {
      do throws(SystemError) {
        try OpenFile.link(move.target, to: move.former)
      } catch {
        // A file system without second names: for a moment the place is empty.
        try OpenFile.move(move.target, to: move.former)
      }
    }
    try OpenFile.move(move.source, to: move.target)
  }

  private static func takeBack(_ move: Move) {
    if FileKind(at: move.former) != nil {
      try? OpenFile.move(move.former, to: move.target)
    } else if FileKind(at: move.source) == nil {
      try? OpenFile.move(move.target, to: move.source)
    }
  }

  /// Removes the staged files; every destination stays unchanged.
  ///
  /// - Parameter end: Called while no file can be staged, for example to end the program.
  package func discard(then end: () -> Void = {}) {
    state.withLock { state in
      Self.remove(state)
      state = State()
      end()
    }
  }

  private static func remove(_ state: State) {
    for folder in state.folders.values + state.scratch {
      // Another thread may still be writing there: the next attempt removes its files.
      for _ in 0..<100 where FileKind(at: folder) != nil {
        try? FileManager.default.removeItem(atPath: folder)
      }
    }
  }
}

/// The identity of a file: two paths to the same file are equal.
package struct FilePlace: Hashable, Sendable {
  private let numbers: [UInt64]
  /// Of a file that does not exist yet, its name in the folder that `numbers` stand for.
  private let name: String?

  /// Nil if not even the folder exists.
  package init?(_ url: URL) {
    let resolved = url.resolvingSymlinksInPath()
    if let status = try? FileStatus(at: resolved.path(percentEncoded: false)) {
      (numbers, name) = (status.place, nil)
      return
    }
    let folder = resolved.deletingLastPathComponent()
    guard let status = try? FileStatus(at: folder.path(percentEncoded: false)) else { return nil }
    (numbers, name) = (status.place, resolved.lastPathComponent)
  }
}
