import Foundation
import Secant
import Synchronization

/// The files that a command writes besides standard output.
///
/// They appear together, after all work and output, or not at all.
final class Outputs: Sendable {
  private let staged = StagedFiles()
  private let targets = Mutex<[OutputFile]>([])
  private let converter = Mutex<Process?>(nil)

  private init() {}

  /// Runs a command, which prints its result last, and then moves its files into place.
  ///
  /// If it fails, or the program is told to end, every file is unchanged. A reader that closes
  /// standard output early is not a failure.
  ///
  /// - Throws: The command's errors, and `Failure` if a file cannot be moved into place.
  static func written(by command: (Outputs) throws -> Void) throws {
    let outputs = Outputs()
    Invocation.current.whenInterrupted { interruption in
      outputs.converter.withLock { $0?.terminate() }
      outputs.staged.discard { interruption.endProgram() }
    }
    defer { outputs.staged.discard() }
    do {
      try command(outputs)
    } catch let end as Interruption {
      try outputs.commit()
      throw end
    }
    try outputs.commit()
  }

  private func commit() throws {
    do { try staged.commit() } catch { throw Failure(.inputOutput, error.description) }
  }

  // MARK: - Before the work

  /// An output file at a path, which may begin with `~`; checked now, before the work starts.
  ///
  /// - Throws: `Failure` if it cannot be created there, or another output has the same place.
  func file(_ path: String, option: String) throws -> OutputFile {
    let file = OutputFile(path: path, option: option, url: try Self.url(path, option), staged)
    do { try staged.check(file.url) } catch {
      throw Failure(.cannotCreate, error.naming(path).description)
    }
    try targets.withLock { targets in
      if let other = targets.first(where: { $0.place != nil && $0.place == file.place }) {
        throw Failure(
          .usage,
          "\(option): expected another file than that of \(other.option), found \(path), which is "
            + "the same; name two files")
      }
      targets.append(file)
    }
    return file
  }

  /// An output folder, which need not exist; checked now, before the work starts.
  ///
  /// - Throws: `Failure` if no files can be created in it.
  func folder(_ path: String, option: String) throws -> OutputFolder {
    let url = try Self.url(path, option, "folder")
    do { try staged.checkFolder(url) } catch {
      throw Failure(.cannotCreate, error.naming(path).description)
    }
    return OutputFolder(path: path, option: option, url: url, staged)
  }

  /// Makes sure that no output replaces an input.
  ///
  /// - Parameters:
  ///   - files: The input files.
  ///   - what: Their name for the user.
  /// - Throws: `Failure` if one does.
  func spare(_ files: [URL], _ what: String) throws {
    let places = Set(files.compactMap { FilePlace($0) })
    for target in targets.withLock({ $0 }) where target.place.map(places.contains) == true {
      throw Failure(
        .usage,
        "\(target.option): expected a file that the command does not read, found \(target.path), "
          + "which belongs to \(what); name another file")
    }
  }

  private static func url(
    _ path: String, _ option: String, _ kind: String = "file"
  ) throws -> URL {
    guard path != "-", !path.isEmpty else {
      throw Failure(
        .usage,
        "\(option): expected the path of a \(kind), found \"\(path)\"; name a \(kind): "
          + "standard output is for reports")
    }
    return URL(filePath: NSString(string: path).expandingTildeInPath)
  }

  // MARK: - Other programs

  /// A folder for another program, which is removed at the end.
  ///
  /// - Throws: The system's error.
  func scratchFolder() throws -> URL { try staged.scratchFolder() }

  /// Runs another program to its end; it is stopped if this program ends.
  ///
  /// - Throws: Why it cannot be run.
  func run(_ process: Process) throws {
    try converter.withLock { converter in
      try process.run()
      converter = process
    }
    process.waitUntilExit()
    converter.withLock { $0 = nil }
  }
}

/// A file that a command writes.
struct OutputFile: Sendable {
  /// The path as the user gave it.
  let path: String
  /// Its option.
  let option: String
  /// Its place.
  let url: URL
  /// The target of its path; nil if its folder does not exist.
  let place: FilePlace?
  private let staged: StagedFiles

  fileprivate init(path: String, option: String, url: URL, _ staged: StagedFiles) {
    (self.path, self.option, self.url, self.staged) = (path, option, url, staged)
    place = FilePlace(url)
  }

  /// Writes it with a function that takes the place to write to.
  ///
  /// - Throws: `Failure` if the disk is full or fails, and the function's own errors.
  func write<Result>(_ body: (URL) throws -> Result) throws -> Result {
    do {
      let place = try staged.file(for: url)
      do { return try body(place) } catch let error as InputError where error.file == place.path {
        throw error.naming(path)
      }
    } catch let error as InputError where error.kind == .unreadable && error.subject == "output" {
      throw Failure(.inputOutput, error.naming(path).description)
    }
  }

  /// Writes a whole text file.
  ///
  /// - Throws: `Failure` where it cannot be written.
  func write(_ text: String) throws { try write { try AtomicFile.write(text, to: $0) } }
}

/// A folder to which a command writes files.
struct OutputFolder: Sendable {
  /// The path as the user gave it.
  let path: String
  /// Its option.
  let option: String
  private let url: URL
  private let staged: StagedFiles

  fileprivate init(path: String, option: String, url: URL, _ staged: StagedFiles) {
    (self.path, self.option, self.url, self.staged) = (path, option, url, staged)
  }

  /// Writes files; the folder is made with them where it does not exist.
  ///
  /// - Parameter files: Their names and contents, one after the other.
  /// - Throws: `Failure` where one cannot be written, and what else making it throws.
  func write(_ files: ((_ name: String, _ bytes: [UInt8]) throws -> Void) throws -> Void) throws {
    do {
      let new = try staged.folder(for: url)
      try files { name, bytes in
        do {
          let place = try new?.appending(path: name) ?? staged.file(for: url.appending(path: name))
          try AtomicFile.write(bytes.span, to: place)
        } catch let error as InputError {
          throw error.naming(path + "/" + name)
        }
      }
    } catch let error as InputError where error.kind == .invalid {
      throw Failure(.usage, error.description)
    } catch let error as InputError {
      throw Failure(.inputOutput, error.description)
    }
  }
}

extension InputError {
  /// The same of a file by the name that the user gave it.
  fileprivate func naming(_ path: String) -> InputError {
    InputError(
      kind, file: path, subject: subject, expected: expected, found: found, remedy: remedy)
  }
}
