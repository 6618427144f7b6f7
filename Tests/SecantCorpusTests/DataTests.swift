import Foundation
import SecantCheckpoints
import SecantCorpus
import SecantTestSupport
import Testing

/// Files are divided into items as their formats say.
@Suite("Data") struct DataTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func items(_ path: String = "") throws -> [DataItem] {
    var reader = DataReader(
      try DataFile.files(at: path.isEmpty ? folder.url : folder.url.appending(path: path)))
    var items: [DataItem] = []
    while let raw = try reader.nextItem() { items.append(try raw.item()) }
    return items
  }

  @Test func threeFormatsInOneFolder() throws {
    try folder.write("{\"text\":\"a b\",\"n\":1}\r\n\n\"é\\n\"\n", to: "a.jsonl")
    try folder.write("\u{feff}text,other\n\"x, \"\"y\"\"\nz\",w\nlast,one", to: "b.csv")
    try folder.write("one\n  \ntwo", to: "c.txt")
    try folder.write("", to: ".hidden")
    let items = try items()
    #expect(items.map(\.index) == Array(0..<6))
    #expect(
      try items.map { try $0.text(of: "text", by: "--field") }
        == ["a b", "é\n", "x, \"y\"\nz", "last", "one", "two"])
    #expect(items.map(\.line) == [1, 3, 2, 4, 1, 3])
    #expect(items.map(\.source) == ["a.jsonl", "a.jsonl", "b.csv", "b.csv", "c.txt", "c.txt"])
    #expect(try items[3].text(of: "other", by: "--pair-field") == "one")
    #expect(items[0].document == "{\"text\":\"a b\",\"n\":1}")
  }

  @Test func linesMayBeLongerThanABuffer() throws {
    let long = String(repeating: "word ", count: 40_000)
    try folder.write("short\n\(long)\nend\n", to: "a.txt")
    let texts = try items().map { try $0.text(of: "text", by: "--field") }
    #expect(texts == ["short", long, "end"])
  }

  @Test(.enabled(if: InstalledProgram("gzip") != nil, "no gzip at hand"))
  func filesOfGzipGiveTheSameItems() throws {
    try compressedFilesGiveTheSameItems("gzip", "a.jsonl.gz")
  }

  @Test(.enabled(if: InstalledProgram("zstd") != nil, "no zstd at hand"))
  func filesOfZstandardGiveTheSameItems() throws {
    try compressedFilesGiveTheSameItems("zstd", "a.jsonl.zst")
  }

  private func compressedFilesGiveTheSameItems(_ program: String, _ name: String) throws {
    let compressing = try #require(InstalledProgram(program))
    let text = (0..<99_999).map { "{\"text\":\"prompt \($0 * 7919 % 9973)\"}\n" }.joined()
    try folder.write(text, to: "a.jsonl")
    let plain = try items("a.jsonl").map(\.document)
    _ = try compressing.run(["a.jsonl"], in: folder.url)
    let bytes = try Data(contentsOf: folder.url.appending(path: name))
    func found(_ bytes: Data) throws -> [String] {
      try bytes.write(to: folder.url.appending(path: name))
      return try items(name).map(\.document)
    }
    #expect(bytes.count < text.utf8.count / 2)
    #expect(try found(bytes) == plain)
    // Files that were compressed one by one may be put behind each other.
    #expect(try found(bytes + bytes) == plain + plain)
    for count in [5, bytes.count / 2, bytes.count - 9, bytes.count - 1] {
      #expect(throws: InputError.self, "\(count)") { try found(bytes.prefix(count)) }
    }
    // Both formats end with a check of the content.
    var damaged = bytes
    damaged[bytes.count - (program == "gzip" ? 6 : 2)] ^= 1
    #expect(throws: InputError.self) { try found(damaged) }
  }

  /// What a file is, its bytes say.
  @Test(.enabled(if: InstalledProgram("zstd") != nil, "no zstd at hand"))
  func zstandardIsReadUnderAnyNameThatDoesNotDenyIt() throws {
    let zstd = try #require(InstalledProgram("zstd"))
    try folder.write("one\ntwo", to: "plain")
    _ = try zstd.run(["plain", "-o", "a.txt"], in: folder.url)
    let texts = try items("a.txt").map { try $0.text(of: "text", by: "--field") }
    #expect(texts == ["one", "two"])
    _ = try zstd.run(["plain", "-o", "a.txt.gz"], in: folder.url)
    let error = #expect(throws: InputError.self) { try items("a.txt.gz") }
    #expect(error?.description.contains("gzip's format") == true)
  }

  /// A frame of one stored block that a reader must keep so many bytes for.
  ///
  /// Source: RFC 8878, 3.1.1.
  private func frame(_ text: String, windowLog: UInt8) -> Data {
    let header = UInt32(text.utf8.count) << 3 | 1
    return Data(
      [0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]
        + (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) } + Array(text.utf8))
  }

  @Test func framesOfZstandardAreRead() throws {
    let file = folder.url.appending(path: "a.txt.zst")
    try (frame("one\ntw", windowLog: 10) + frame("o\nthree", windowLog: 27)).write(to: file)
    let texts = try items().map { try $0.text(of: "text", by: "--field") }
    #expect(texts == ["one", "two", "three"])
    // One that would take more memory than a reader should give is refused, with what helps.
    try frame("one", windowLog: 30).write(to: file)
    let error = #expect(throws: InputError.self) { try items() }
    #expect(error?.description.contains("zstd -dc --long=31") == true)
  }

  @Test(arguments: [
    ("a.jsonl", "[1]", "an object or a string"), ("a.jsonl", "{\"text\":", "line 1"),
    ("a.csv", "text\na,b", "1 fields"), ("a.csv", "text\na\"b\"", "quotation marks"),
    ("a.csv", "text\n\"a", "closing quotation mark"), ("a.csv", "a,a\n1,2", "each column once"),
    ("a.csv", "", "names the columns"), ("a.zip", "x", "ends in .jsonl"),
    ("a.jsonl.zst", "x", "Zstandard's format"), ("a.jsonl.zst", "", "Zstandard's format"),
    ("a.jsonl.gz", "{}", "gzip's format"),
  ]) func whatIsNotUnderstoodIsRefused(name: String, text: String, words: String) throws {
    try folder.write(text, to: name)
    let error = #expect(throws: InputError.self) { try items() }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func fieldsThatAreNotThereAreNamed() throws {
    try folder.write("{\"prompt\":\"a\",\"n\":1}", to: "a.jsonl")
    let item = try items()[0]
    let error = #expect(throws: InputError.self) { try item.text(of: "text", by: "--field") }
    #expect(error?.description.contains("found prompt, n;") == true)
    #expect(throws: InputError.self) { try item.text(of: "n", by: "--field") }
  }

  @Test func theDigestIsThatOfNamesAndContents() throws {
    func digest() throws -> String {
      try CorpusCount(DataFile.files(at: folder.url), limit: 2).digest
    }
    try folder.write("one\ntwo\nthree", to: "a.txt")
    let first = try digest()
    #expect(try digest() == first)
    #expect(try CorpusCount(DataFile.files(at: folder.url), limit: 2).items == 2)
    try folder.write("one\ntwo\nThree", to: "a.txt")
    let second = try digest()
    try FileManager.default.removeItem(at: folder.url.appending(path: "a.txt"))
    try folder.write("one\ntwo\nThree", to: "b.txt")
    #expect(Set([first, second, try digest()]).count == 3)
  }

  @Test func whatIsReadOnceIsKeptAndMustBeTheSame() throws {
    func kept(_ text: String) throws -> DataFile {
      let pipe = Pipe()
      try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
      try pipe.fileHandleForWriting.close()
      return try DataFile.kept(
        from: pipe.fileHandleForReading, as: .txt, in: folder.url.appending(path: "data"))
    }
    #expect(try kept("a\nb") == kept("a\nb"))
    #expect(throws: InputError.self) { try kept("a\nc") }
    #expect(try items("data").count == 2)
  }
}
