import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#endif

struct MappedFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 100_000])
  func holdsTheBytesOfItsFile(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let file = try MappedFile(at: folder.write(bytes, to: "file"))
    #expect(file.count == count)
    #expect(file.bytes == bytes)
    let part = count / 3..<count
    let copy = file.withBytes(in: part) { span in span.indices.map { span[$0] } }
    #expect(copy == Array(bytes[part]))
  }

  @Test func outlivesTheNameOfItsFile() throws {
    let url = try folder.write([1, 2, 3], to: "file")
    let file = try MappedFile(at: url)
    try FileManager.default.removeItem(at: url)
    #expect(file.bytes == [1, 2, 3])
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    #expect(
      folder.message { () throws(InputError) in _ = try MappedFile(at: folder.url) }
        == "FOLDER: file: expected a regular file, found a folder; give the path of a file")
    let pipe = folder.url.appending(path: "pipe")
    try #require(unsafe mkfifo(pipe.path, 0o600) == 0)
    #expect(
      folder.message { () throws(InputError) in _ = try MappedFile(at: pipe) }
        == "pipe: file: expected a regular file, found a pipe, socket or device; "
        + "give the path of a file")
    #expect(
      folder.message { () throws(InputError) in
        _ = try MappedFile(at: folder.url.appending(path: "absent"))
      } == "absent: file: expected a file, found nothing at this path; check the path")
    #expect(throws: InputError.self) { try MappedFile(at: URL(filePath: "/dev/zero")) }
  }

  @Test func copiesNoMoreThanTheLimit() throws {
    let url = try folder.write([1, 2, 3], to: "file")
    #expect(try MappedFile.contents(of: url, atMost: 3) == [1, 2, 3])
    #expect(
      folder.message { () throws(InputError) in
        _ = try MappedFile.contents(of: url, atMost: 2)
      } == "file: file: expected at most 2 bytes, found 3; check the path")
  }

  @Test func servesManyThreadsAtOnce() async throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 131) }
    let file = try MappedFile(at: folder.write(bytes, to: "file"))
    let expected = bytes.reduce(0) { $0 + Int($1) }
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<16 {
        group.addTask { file.withBytes { span in span.indices.reduce(0) { $0 + Int(span[$1]) } } }
      }
      for await sum in group { #expect(sum == expected) }
    }
  }
}
