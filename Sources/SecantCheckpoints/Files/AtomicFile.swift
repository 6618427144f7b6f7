public import Foundation

/// A file that appears at its path complete, or not at all.
///
/// Bytes go to a temporary file in the target's folder; ``commit()`` forces them to the disk and moves
/// the file into place, and replaces any previous file, in one step. Without `commit` the
/// temporary file is removed and the target stays unchanged. Only a process that is killed leaves
/// its temporary file behind, named `.secant-….partial`.
public final class AtomicFile {
  private let target: String
  private let temporary: String
  private let file: OpenFile
  private var isCommitted = false

  /// Begins a file for `url`, after symbolic links.
  ///
  /// - Throws: `InputError` if the folder does not exist or cannot be written to, or where something
  ///   other than a writable regular file stands at `url`.
  public init(at url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    guard !path.utf8.contains(0), !path.isEmpty else {
      throw InputError(
        .invalid, file: path, subject: "output", expected: "a path", found: "none or a zero byte",
        remedy: "correct the path")
    }
    let resolved = url.resolvingSymlinksInPath()
    let target = resolved.path(percentEncoded: false)
    let status = try Self.replaceable(target, path)
    let temporary = resolved.deletingLastPathComponent().appending(path: Self.temporaryName())
      .path(percentEncoded: false)
    do throws(SystemError) {
      file = try OpenFile(creating: temporary)
    } catch {
      throw InputError(writing: path, error)
    }
    if let status { file.setPermissions(status.permissions) }
    self.target = target
    self.temporary = temporary
  }

  /// An unused name for a temporary file.
  static func temporaryName() -> String {
    ".secant-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".partial"
  }

  /// The attributes of a replaceable file at the target; nil if there is none.
  static func replaceable(_ target: String, _ path: String) throws(InputError) -> FileStatus? {
    let status: FileStatus
    do throws(SystemError) {
      status = try FileStatus(at: target)
      if status.kind == .regular { try OpenFile.requireWritable(target) }
    } catch {
      // The folder that is to hold the file is tried by making a file there.
      if error.isAbsence { return nil }
      throw InputError(writing: path, error)
    }
    guard status.kind == .regular else {
      throw InputError(
        .uncreatable, file: path, subject: "output", expected: "a new or a regular file",
        found: status.kind.rawValue, remedy: "give the path of a file")
    }
    return status
  }

  deinit { if !isCommitted { OpenFile.remove(temporary) } }

  /// Writes the bytes of `elements` from byte `offset` on.
  ///
  /// Parts may come in any order; what is never written is zero. Every bit of an element must be
  /// defined: it is an integer or a floating-point number.
  ///
  /// - Throws: `InputError` if the disk is full or fails.
  public func write<Element: BitwiseCopyable>(
    _ elements: Span<Element>, at offset: Int
  ) throws(InputError) {
    precondition(!isCommitted, "written after commit")
    do throws(SystemError) {
      try file.write(elements, at: offset)
    } catch {
      throw InputError(writing: target, error)
    }
  }

  /// Puts the file in its place; nothing can be written afterwards.
  ///
  /// - Throws: `InputError` if the disk is full or fails; the target is then what it was.
  public func commit() throws(InputError) {
    precondition(!isCommitted, "committed twice")
    do throws(SystemError) {
      try file.synchronize()
      try OpenFile.move(temporary, to: target)
    } catch {
      throw InputError(writing: target, error)
    }
    isCommitted = true
    // The name is durable once its folder is; the file is in place whether or not this succeeds.
    let folder = URL(filePath: target).deletingLastPathComponent().path(percentEncoded: false)
    _ = try? OpenFile(reading: folder).synchronize()
  }

  /// Puts a finished file, which another library wrote in the target's folder, in its place in one step.
  ///
  /// - Parameters:
  ///   - file: The file, which has another name afterwards.
  ///   - url: Its place; a file that stands there is replaced.
  /// - Throws: `InputError` if it cannot be moved; what stood at `url` is then still there.
  package static func place(_ file: URL, at url: URL) throws(InputError) {
    let target = url.path(percentEncoded: false)
    do throws(SystemError) {
      let path = file.path(percentEncoded: false)
      try OpenFile(reading: path).synchronize()
      try OpenFile.move(path, to: target)
    } catch {
      throw InputError(writing: target, error)
    }
    let folder = url.deletingLastPathComponent().path(percentEncoded: false)
    _ = try? OpenFile(reading: folder).synchronize()
  }

  /// Writes a whole file in one step.
  ///
  /// - Throws: `InputError` if it cannot be written; what stood at `url` is then still there.
  public static func write(_ bytes: Span<UInt8>, to url: URL) throws(InputError) {
    let file = try AtomicFile(at: url)
    try file.write(bytes, at: 0)
    try file.commit()
  }

  /// Writes a whole text file in UTF-8 in one step.
  ///
  /// - Throws: `InputError` if it cannot be written; what stood at `url` is then still there.
  public static func write(_ text: String, to url: URL) throws(InputError) {
    try write(Array(text.utf8).span, to: url)
  }
}

extension InputError {
  /// Says why the system would not write the file at `path`.
  init(writing path: String, _ error: SystemError) {
    let (kind, found, remedy): (Kind, String, String) =
      switch POSIXErrorCode(rawValue: error.code) {
      case .ENOENT, .ENOTDIR:
        (.uncreatable, "no such folder", "create the folder or correct the path")
      case .EACCES, .EPERM, .EROFS:
        (.uncreatable, "no permission", "choose another place or change its permissions")
      case .ENAMETOOLONG: (.uncreatable, "a name that is too long", "give a shorter name")
      case .ELOOP: (.uncreatable, "links that lead in a circle", "correct the links")
      case .ENOSPC, .EDQUOT:
        (.unwritable, "a full disk", "free some space or choose another place")
      case .EFBIG: (.unwritable, "the limit of a file's size", "raise the limit (ulimit -f)")
      default: (.unwritable, error.message, "choose another place")
      }
    self.init(
      kind, file: path, subject: "output", expected: "a file that can be written",
      found: found, remedy: remedy)
  }
}
