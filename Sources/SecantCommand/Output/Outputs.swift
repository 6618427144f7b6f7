import Foundation
import Secant
import Synchronization

/// The files that a command writes beside standard output: they appear together once all of its work is done
/// and said, or not at all.
final class Outputs: Sendable {
  private let staged = StagedFiles()
  private let targets = Mutex<[OutputFile]>([])
  private let converter = Mutex<Process?>(nil)

  private init() {}

  /// Runs a command, whose last act is to print its result, and then puts its files in their places.
  ///
  /// Where it fails, or the program is told to end, every file is as it was. A reader of standard output that
  /// has seen enough is no failure.
  ///
  /// - Throws: What the command throws, and `Failure` where a file cannot be put in its place.
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

  /// A file that is to appear at a path, which may begin with `~`; tried now, before the work starts.
  ///
  /// - Throws: `Failure` where it cannot be created there, or another output has the same place.
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

  /// A folder to which files are to come, which need not exist; tried now, before the work starts.
  ///
  /// - Throws: `Failure` where no files can be created in it.
  func folder(_ path: String, option: String) throws -> OutputFolder {
    let url = try Self.url(path, option, "folder")
    do { try staged.checkFolder(url) } catch {
      throw Failure(.cannotCreate, error.naming(path).description)
    }
    return OutputFolder(path: path, option: option, url: url, staged)
  }

  /// Makes sure that no output replaces what the command reads.
  ///
  /// - Parameters:
  ///   - files: What it reads.
  ///   - what: What the user calls them.
  /// - Throws: `Failure` where one does.
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

  /// A folder for what another program needs, which goes at the end.
  ///
  /// - Throws: What the system says.
  func scratchFolder() throws -> URL { try staged.scratchFolder() }

  /// Runs another program to its end; it ends with this one.
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
  /// What it was given by.
  let option: String
  /// Where it is to appear.
  let url: URL
  /// What its path leads to; nil where its folder does not exist.
  let place: FilePlace?
  private let staged: StagedFiles

  fileprivate init(path: String, option: String, url: URL, _ staged: StagedFiles) {
    (self.path, self.option, self.url, self.staged) = (path, option, url, staged)
    place = FilePlace(url)
  }

  /// Writes it by work that is given where to write.
  ///
  /// - Throws: `Failure` where the disk is full or fails, and what else the work throws.
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
  /// What it was given by.
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
