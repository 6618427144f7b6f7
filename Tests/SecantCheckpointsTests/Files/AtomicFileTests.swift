import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// What these do not prove: that the bytes survive a power failure after `commit`.
struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func replacesTheTargetOnCommitAlone() throws {
    let url = try folder.write("old", to: "file")
    let file = try AtomicFile(at: url)
    try file.write([4, 5].span as Span<UInt8>, at: 2)
    try file.write([2, 3].span as Span<UInt8>, at: 0)
    #expect(try String(contentsOf: url, encoding: .utf8) == "old")
    try file.commit()
    #expect(try MappedFile(at: url).bytes == [2, 3, 4, 5])
    #expect(try folder.names == ["file"])
  }

  @Test func leavesNothingWithoutCommit() throws {
    let url = try folder.write("old", to: "file")
    do {
      let file = try AtomicFile(at: url)
      try file.write([1].span as Span<UInt8>, at: 0)
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == "old")
    #expect(try folder.names == ["file"])
  }

  @Test func writesTextAndFollowsLinksAndKeepsPermissions() throws {
    let url = try folder.write("old", to: "file")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: url.path)
    let link = folder.url.appending(path: "link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: url)
    try AtomicFile.write("né", to: link)
    #expect(try MappedFile(at: url).bytes == Array("né".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == url.path)
  }

  @Test func refusesTargetsThatItCannotReplace() throws {
    try folder.write("", to: "file")
    let messages = [
      "absent/out":
        "absent/out: output: expected a file that can be written, found no such folder; "
        + "create the folder or correct the path",
      "file/out":
        "file/out: output: expected a file that can be written, found no such folder; "
        + "create the folder or correct the path",
      ".": "output: expected a new or a regular file, found a folder; give the path of a file",
    ]
    for (name, expected) in messages {
      let message = folder.message { () throws(InputError) in
        try AtomicFile.write("text", to: folder.url.appending(path: name))
      }
      #expect(message?.hasSuffix(expected) == true, "\(message ?? "nothing thrown")")
    }
    #expect(throws: InputError.self) {
      try AtomicFile.write("text", to: URL(filePath: "/dev/null"))
    }
    #expect(try folder.names == ["file"])
  }

  @Test func reportsAFolderThatVanishes() throws {
    let inner = folder.url.appending(path: "inner")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
    let file = try AtomicFile(at: inner.appending(path: "out"))
    try FileManager.default.removeItem(at: inner)
    var error: InputError?
    do throws(InputError) { try file.commit() } catch let thrown { error = thrown }
    #expect(error?.found == "no such folder")
  }
}
