import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// Files that are staged appear together, or every place stays what it was.
///
/// What these do not prove: that the files survive a power failure.
struct StagedFilesTests {
  private let folder: TemporaryFolder
  private let staged = StagedFiles()

  init() throws { folder = try TemporaryFolder() }

  private func stage(_ text: String, _ name: String) throws {
    try AtomicFile.write(text, to: staged.file(for: folder.url.appending(path: name)))
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.url.appending(path: name), encoding: .utf8)
  }

  @Test func appearOnCommitAlone() throws {
    try folder.write("old", to: "a")
    try stage("new", "a")
    try stage("other", "b")
    let inner = try #require(try staged.folder(for: folder.url.appending(path: "x/y")))
    try AtomicFile.write("deep", to: inner.appending(path: "c"))
    #expect(try text("a") == "old")
    #expect(try folder.names.filter { !$0.hasPrefix(".") } == ["a"])
    try staged.commit()
    #expect(try folder.names == ["a", "b", "x"])
    #expect(try [text("a"), text("b"), text("x/y/c")] == ["new", "other", "deep"])
  }

  @Test func areGoneWhenDiscarded() throws {
    try folder.write("old", to: "a")
    try stage("new", "a")
    try stage("other", "b")
    let scratch = try staged.scratchFolder()
    staged.discard()
    #expect(try folder.names == ["a"])
    #expect(try text("a") == "old")
    #expect(!FileManager.default.fileExists(atPath: scratch.path))
  }

  @Test func areGoneWithTheLastReference() throws {
    do {
      let staged = StagedFiles()
      _ = try staged.file(for: folder.url.appending(path: "a"))
      #expect(try folder.names.count == 1)
    }
    #expect(try folder.names.isEmpty)
  }

  /// Whatever the place of the one that fails, what stood at the others comes back.
  @Test(arguments: 0..<3) func areTakenBackWhereOneFails(failing: Int) throws {
    let names = ["a", "b", "c"]
    try folder.write("old a", to: "a")
    try folder.write("old c", to: "c")
    for name in names { try stage("new", name) }
    // A folder that is not empty has come into one's place meanwhile.
    let place = folder.url.appending(path: names[failing])
    try? FileManager.default.removeItem(at: place)
    try FileManager.default.createDirectory(
      at: place.appending(path: "in the way"), withIntermediateDirectories: true)
    #expect(throws: InputError.self) { try staged.commit() }
    staged.discard()
    #expect(try folder.names == (failing == 1 ? ["a", "b", "c"] : ["a", "c"]))
    if failing != 0 { #expect(try text("a") == "old a") }
    if failing != 2 { #expect(try text("c") == "old c") }
    #expect(FileManager.default.fileExists(atPath: place.appending(path: "in the way").path))
  }

  @Test func followLinksAndKeepPermissions() throws {
    let url = try folder.write("old", to: "a")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: url.path)
    try FileManager.default.createSymbolicLink(
      at: folder.url.appending(path: "link"), withDestinationURL: url)
    try stage("new", "link")
    try staged.commit()
    #expect(try text("a") == "new")
    let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(try folder.names == ["a", "link"])
  }

  @Test func onePlaceTakesOneFile() throws {
    try folder.write("old", to: "a")
    try FileManager.default.createSymbolicLink(
      at: folder.url.appending(path: "link"),
      withDestinationURL: folder.url.appending(path: "a"))
    try stage("new", "a")
    #expect(throws: InputError.self) { try stage("newer", "link") }
  }

  @Test func checksLeaveNothing() throws {
    try folder.write("old", to: "a")
    let long = String(repeating: "n", count: 300)
    let messages = [
      "a": nil, "new": nil, long: "a name that is too long", "none/new": "no such folder",
      "a/new": "no such folder",
    ]
    for (name, expected) in messages {
      let error = folder.message { () throws(InputError) in
        try staged.check(folder.url.appending(path: name))
      }
      if let expected {
        #expect(error?.contains("found " + expected) == true, "\(error ?? "nothing thrown")")
      } else {
        #expect(error == nil)
      }
    }
    for name in [long, "x/" + long, "a/x"] {
      #expect(throws: InputError.self) {
        try staged.checkFolder(folder.url.appending(path: name))
      }
    }
    try staged.checkFolder(folder.url.appending(path: "x/y"))
    try staged.checkFolder(folder.url)
    #expect(try folder.names == ["a"])
  }

  /// Other names of a file, and other ways to a place where nothing stands yet.
  @Test func placesAreTheSameWhateverTheWay() throws {
    let url = try folder.write("old", to: "a")
    let (link, hard) = (folder.url.appending(path: "link"), folder.url.appending(path: "hard"))
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: url)
    try FileManager.default.linkItem(at: url, to: hard)
    let place = try #require(FilePlace(url))
    #expect(FilePlace(link) == place && FilePlace(hard) == place)
    let other = folder.url.appending(path: "../\(folder.url.lastPathComponent)/b")
    #expect(FilePlace(folder.url.appending(path: "b")) == FilePlace(other))
    #expect(FilePlace(folder.url.appending(path: "b")) != place)
    #expect(FilePlace(folder.url.appending(path: "none/b")) == nil)
  }
}
