import Foundation
import SecantTestSupport
import Testing

/// A command's files appear together or not at all, and what was there before stays.
///
/// What these do not prove: that the files survive a power failure; that every instant of a run was tried; and of a
/// signal that whatever runs the tests has them ignore, more than that it is ignored.
@Suite("Outputs")
struct OutputTests {
  private static let prompt = ["--tokens", "5,6,7", "--model", "llama-plain"]
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Every file of a folder with its bytes, hidden ones too.
  private func contents(of folder: URL) throws -> [String: Data] {
    let files = FileManager.default.enumerator(atPath: folder.path)
    return try (files?.compactMap { $0 as? String } ?? []).reduce(into: [:]) { contents, name in
      let url = folder.appending(path: name)
      let isFolder = try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
      contents[name] = isFolder ? Data() : try Data(contentsOf: url)
    }
  }

  private func arguments(in folder: URL) -> [String] {
    ["layers"] + Self.prompt + ["--html", folder.appending(path: "page.html").path]
      + ["--csv", folder.appending(path: "numbers.csv").path]
      + ["--figures", folder.appending(path: "deep/figures").path]
      + ["-o", folder.appending(path: "numbers.safetensors").path]
  }

  @Test func appearTogetherAndReplaceWhatWasThere() throws {
    let page = folder.url.appending(path: "page.html")
    try Data("old".utf8).write(to: page)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: page.path)
    let run = try CommandRun(arguments(in: folder.url))
    #expect(run.status == 0, "\(run.error)")
    #expect(try folder.names == ["deep", "numbers.csv", "numbers.safetensors", "page.html"])
    #expect(try String(contentsOf: page, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
    let attributes = try FileManager.default.attributesOfItem(atPath: page.path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    // Into a folder that exists, the figures come one by one.
    let first = try contents(of: folder.url)
    #expect(first.count > 5)
    #expect(try CommandRun(arguments(in: folder.url)).status == 0)
    #expect(try contents(of: folder.url).keys == first.keys)
  }

  /// Limits of a file's size at which the table, the tensors or the page no longer fit.
  @Test(arguments: [1, 4, 16, 64])
  func areNotThereWhereOneDoesNotFit(blocks: Int) throws {
    let page = folder.url.appending(path: "page.html")
    try Data("old".utf8).write(to: page)
    let shell = try #require(InstalledProgram("sh"))
    let (status, output) = try shell.run(
      ["-c", "ulimit -f \(blocks); exec \"$@\"", "sh", Process.secantURL.path]
        + arguments(in: folder.url), in: Fixtures.folder)
    #expect(status == 74, "\(output)")
    #expect(output.contains("the limit of a file's size"), "\(output)")
    #expect(try contents(of: folder.url) == ["page.html": Data("old".utf8)])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func areAllOrNoneAfterASignal(signal: Int32) throws {
    var (complete, none) = (0, 0)
    let reference = folder.url.appending(path: "reference")
    try FileManager.default.createDirectory(at: reference, withIntermediateDirectories: false)
    #expect(try CommandRun(arguments(in: reference)).status == 0)
    let names = Set(try contents(of: reference).keys)
    for attempt in 0..<16 {
      let place = folder.url.appending(path: "\(attempt)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
      try Data("old".utf8).write(to: place.appending(path: "page.html"))
      let process = Process.secant(arguments(in: place), in: Fixtures.folder)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // From when the first is being written, at instants that differ from attempt to attempt.
      while process.isRunning, bytesBeingWritten(in: place) == 0 {}
      usleep(UInt32(attempt * attempt * 100))
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let found = try contents(of: place)
      if Set(found.keys) == names {
        complete += 1
        #expect(found["page.html"] != Data("old".utf8))
      } else {
        none += 1
        #expect(found == ["page.html": Data("old".utf8)], "\(found.keys)")
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == signal)
      }
    }
    #expect(complete + none == 16)
  }

  @Test(arguments: [SIGINT, SIGHUP])
  func goesOnWhereTheParentIgnoresASignal(signal: Int32) throws {
    let shell = try #require(InstalledProgram("sh"))
    let file = folder.path("J.safetensors")
    let name = signal == SIGHUP ? "HUP" : "INT"
    let script = """
      trap '' \(name)
      "$@" &
      for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.02; kill -\(name) $! 2> /dev/null; done
      wait $!
      """
    let (status, output) = try shell.run(
      ["-c", script, "sh", Process.secantURL.path, "jacobian", "--output", file] + Self.prompt,
      in: Fixtures.folder)
    #expect(status == 0, "\(output)")
    #expect(try folder.names == ["J.safetensors"])
  }

  /// A reader that has seen enough is no failure: the files are there.
  @Test func areThereWhenTheReaderLeaves() throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let run = try CommandRun(
      arguments(in: folder.url), standardOutput: pipe.fileHandleForWriting)
    #expect(run.wasSignalled && run.status == SIGPIPE && run.error.isEmpty)
    #expect(try folder.names == ["deep", "numbers.csv", "numbers.safetensors", "page.html"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
  func areNotThereWhereTheResultCannotBeSaid() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let run = try CommandRun(arguments(in: folder.url), standardOutput: full)
    #expect(run.status == 74)
    #expect(try folder.names.isEmpty)
  }

  @Test func theModelIsNotReplaced() throws {
    let model = try folder.copy("llama-plain")
    let before = try contents(of: model)
    let link = folder.url.appending(path: "link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: model)
    let hard = folder.url.appending(path: "hard")
    try FileManager.default.linkItem(at: model.appending(path: "model.safetensors"), to: hard)
    for path in [
      "\(model.path)/model.safetensors", "\(model.path)/config.json", "\(link.path)/config.json",
      "\(model.path)/../llama-plain/config.json", hard.path,
    ] {
      let run = try CommandRun(
        ["jacobian", "--tokens", "5,6", "--model", model.path, "--output", path])
      #expect(run.status == 64 && run.output.isEmpty, "\(path)")
      #expect(run.error.contains("which belongs to the model"), "\(run.error)")
    }
    #expect(try contents(of: model) == before)
  }

  @Test func anOperatorAndAPromptAreNotReplaced() throws {
    let (jacobian, prompt) = (folder.path("J.safetensors"), folder.path("prompt.txt"))
    let built = try CommandRun(
      ["steer", "build", "--layer", "1", "--output", jacobian] + Self.prompt)
    #expect(built.status == 0, "\(built.error)")
    try Data("text".utf8).write(to: URL(filePath: prompt))
    let before = try contents(of: folder.url)
    let runs = [
      try CommandRun(["steer", "export", jacobian, "-o", jacobian, "--model", "llama-plain"]),
      try CommandRun(
        ["steer", "run", jacobian, "--sweep", "--svg", jacobian] + Self.prompt),
      try CommandRun(["explain", "--file", prompt, "--html", prompt]),
      try CommandRun(["compare", "text", "--with-file", prompt, "--html", prompt]),
    ]
    for run in runs {
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.error.contains("which belongs to the "), "\(run.error)")
    }
    #expect(try contents(of: folder.url) == before)
  }

  @Test func twoOutputsNeedTwoPaths() throws {
    let file = folder.path("file")
    let other = "\(folder.url.path)/./../\(folder.url.lastPathComponent)/file"
    for second in [file, other] {
      let run = try CommandRun(["layers", "--csv", file, "--html", second] + Self.prompt)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.error.contains("which is the same; name two files"), "\(run.error)")
    }
    #expect(try folder.names.isEmpty)
  }

  @Test func namesThatCannotBeAreToldBeforeTheWork() throws {
    let long = String(repeating: "n", count: 300)
    for option in [["--html", long], ["--figures", long], ["--figures", "a/" + long]] {
      let run = try CommandRun(
        ["explain", "--tokens", "1", "--model", "nowhere", option[0]]
          + [folder.path(option[1])])
      #expect(run.status == 73 && run.output.isEmpty)
      #expect(run.error.contains("a name that is too long"), "\(run.error)")
    }
    #expect(try folder.names.isEmpty)
  }
}
