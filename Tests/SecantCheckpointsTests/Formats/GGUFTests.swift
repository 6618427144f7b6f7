import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// The container of GGUF: metadata, directory and split files are read as they were written, and
/// files that break a rule are refused by name.
struct GGUFTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ bytes: GGUFBytes) throws -> GGUFFile {
    try GGUFFile(at: folder.write(bytes.file, to: "model.gguf"))
  }

  @Test(arguments: [2, 3] as [UInt32])
  func valuesOfEveryTypeAreRead(version: UInt32) throws {
    var bytes = GGUFBytes()
    bytes.version = version
    bytes.add("u8", type: 0, [0xff])
    bytes.add("i8", type: 1, [0xff])
    bytes.add("u16", type: 2, [0xfe, 0xff])
    bytes.add("i16", type: 3, [0xfe, 0xff])
    bytes.add("u32", 4_000_000_000 as UInt32)
    bytes.add("i32", type: 5, GGUFBytes.bytes(-7 as Int32))
    bytes.add("f32", 1e-5 as Float)
    bytes.add("bool", type: 7, [1])
    bytes.add("text", "naïve")
    bytes.add("texts", type: 8, count: 2, GGUFBytes.bytes("a") + GGUFBytes.bytes(""))
    bytes.add("ints", type: 5, count: 2, GGUFBytes.bytes(-1 as Int32) + GGUFBytes.bytes(3 as Int32))
    bytes.add("floats", type: 6, count: 1, GGUFBytes.bytes((0.5 as Float).bitPattern))
    bytes.add("bools", type: 7, count: 2, [0, 1])
    let inner = GGUFBytes.bytes(0 as UInt32) + GGUFBytes.bytes(1 as UInt64) + [9]
    bytes.add("nested", type: 9, count: 2, inner + inner)
    bytes.add("u64", type: 10, GGUFBytes.bytes(UInt64.max))
    bytes.add("i64", type: 11, GGUFBytes.bytes(Int64.min))
    bytes.add("f64", type: 12, GGUFBytes.bytes((0.1).bitPattern))
    let file = try open(bytes)
    #expect(file.version == Int(version) && file.keys.count == 17 && file.keys.first == "u8")
    #expect(try file["u8"].int() == 255 && file["i8"].int() == -1)
    #expect(try file["u16"].int() == 65534 && file["i16"].int() == -2)
    #expect(try file["u32"].int() == 4_000_000_000 && file["i32"].int() == -7)
    #expect(try file["f32"].double() == 1e-5 && file["f64"].double() == 0.1)
    #expect(try file["bool"].bool() && file["text"].string() == "naïve")
    #expect(try file["texts"].byteStrings() == [[97], []])
    #expect(try file["ints"].ints() == [-1, 3] && file["floats"].floats() == [0.5])
    #expect(try file["bools"].bools() == [false, true])
    #expect(try file["nested"].array().values().count == 2)
    #expect(try file["i64"].int() == .min)
    #expect(throws: InputError.self) { try file["u64"].int() }
    #expect(file["absent"].present?.key == nil)
    #expect(
      folder.message { () throws(InputError) in _ = try file["llama.block_count"].int() }
        == "model.gguf: key llama.block_count: expected an integer, found nothing; "
        + "check that the file is complete, or convert the model again")
  }

  @Test(.enabled(if: LocalData.folder != nil, "real data not at hand"))
  func realVocabulariesAreRead() throws {
    let folder = try #require(LocalData.folder).appending(path: "llamacpp")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".gguf") }
    #expect(names.count > 5)
    for name in names {
      let file = try GGUFFile(at: folder.appending(path: name))
      let tokens = try file["tokenizer.ggml.tokens"].byteStrings()
      let types = try file["tokenizer.ggml.token_type"].ints()
      #expect(tokens.count > 1000 && tokens.count == types.count, "\(name)")
      #expect(try !file["general.architecture"].string().isEmpty)
    }
  }

  /// Announcements that exceed the file, in every place where a number announces something.
  @Test(arguments: [
    (0, "the bytes \"GGUF\" at the start"), (4, "version 2 or 3, little-endian"),
    (8, "at most 1048576 tensors"), (16, "at most 1048576 keys"),
    (24, "of the elements that byte"), (33, "a value's type, 0 to 12"),
    (37, "a value's type, 0 to 12"), (41, "of the elements that byte"),
    (49, "of the elements that byte"),
  ])
  func hostileNumbersAreRefused(offset: Int, expected: String) throws {
    var bytes = GGUFBytes()
    bytes.add("k", type: 8, count: 1, GGUFBytes.bytes("text"))
    var file = bytes.file
    for index in offset..<offset + 4 { file[index] = 0xfe }
    let url = try folder.write(file, to: "model.gguf")
    let message = folder.message { () throws(InputError) in _ = try GGUFFile(at: url) }
    #expect(message?.contains(expected) == true, "\(message ?? "read")")
  }

  @Test(arguments: [
    (0, [2, 3], 16, UInt64(0), "24 bytes from 0 on"),
    (0, [.max, .max], 0, 0, "fewer than 2^63 bytes"),
    (0, [1 << 32, 1 << 31, 0], 0, 0, "fewer than 2^63 bytes"),
    (2, [2, 48], 36, 0, "rows of whole blocks of 32 elements"),
    (0, [1], 4, 8, "a multiple of 32"), (0, [1], 4, 1 << 63, "4 bytes from"),
    (0, [1, 1, 1, 1, 1], 4, 0, "at most 4 dimensions"),
    (4, [32], 18, 0, "found type 4"), (77, [32], 18, 0, "found type 77"),
  ])
  func tensorsThatDoNotFitAreRefused(
    type: UInt32, shape: [Int], size: Int, offset: UInt64, expected: String
  ) throws {
    var bytes = GGUFBytes()
    bytes.alignment = 1
    bytes.add(
      tensor: "x", type: type, shape, [UInt8](repeating: 0, count: size), at: offset)
    var file = bytes.file
    let padding = (32 - (file.count - size) % 32) % 32
    file.insert(contentsOf: [UInt8](repeating: 0, count: padding), at: file.count - size)
    let url = try folder.write(file, to: "model.gguf")
    let message = folder.message { () throws(InputError) in _ = try GGUFFile(at: url) }
    #expect(message?.contains("tensor x") == true, "\(message ?? "read")")
    #expect(message?.contains(expected) == true, "\(message ?? "read")")
  }

  /// Each tensor begins where the one before it ends, padded: what says otherwise is another file's directory.
  @Test(
    arguments: [
      ([0, 32, 64], nil), ([0, 0, 64], "tensor x1: expected the offset 32"),
      ([32, 0, 64], "tensor x0: expected the offset 0"),
      ([0, 64, 96], "tensor x1: expected the offset 32"),
    ] as [([UInt64], String?)])
  func tensorsOutOfPlaceAreRefused(offsets: [UInt64], expected: String?) throws {
    var bytes = GGUFBytes()
    for (number, offset) in offsets.enumerated() {
      bytes.add(tensor: "x\(number)", type: 24, [4], [1, 2, 3, 4], at: offset)
    }
    bytes.add(tensor: "last", type: 24, [1], [1])
    let url = try folder.write(bytes.file + [UInt8](repeating: 0, count: 64), to: "model.gguf")
    let message = folder.message { () throws(InputError) in _ = try GGUFFile(at: url) }
    #expect(message == nil ? expected == nil : message?.contains(expected ?? "-") == true)
  }

  /// A file in three parts, named as llama.cpp names them.
  private func writeParts(count: Int = 3, stem: String = "m") throws {
    for number in 0..<count {
      var bytes = GGUFBytes()
      if number == 0 { bytes.add("general.name", "split") }
      bytes.add("split.no", type: 2, GGUFBytes.bytes(UInt16(number)))
      bytes.add("split.count", type: 2, GGUFBytes.bytes(UInt16(count)))
      bytes.add("split.tensors.count", type: 5, GGUFBytes.bytes(Int32(count - 1)))
      if number > 0 { bytes.add(tensor: "x\(number)", type: 24, [4], [1, 2, 3, 4]) }
      try folder.write(bytes.file, to: "\(stem)-0000\(number + 1)-of-0000\(count).gguf")
    }
  }

  @Test(arguments: 1...3)
  func splitFilesAreOpenedTogether(from number: Int) throws {
    try writeParts()
    let file = try GGUFFile(at: folder.url.appending(path: "m-0000\(number)-of-00003.gguf"))
    #expect(file.url.lastPathComponent == "m-00001-of-00003.gguf")
    #expect(try file["general.name"].string() == "split")
  }

  @Test func incompleteOrMixedSplitsAreRefused() throws {
    try writeParts()
    let first = folder.url.appending(path: "m-00001-of-00003.gguf")
    let second = folder.url.appending(path: "m-00002-of-00003.gguf")
    let third = folder.url.appending(path: "m-00003-of-00003.gguf")
    func refusal(_ url: URL) -> InputError.Kind? {
      do throws(InputError) {
        _ = try GGUFFile(at: url)
        return nil
      } catch { return error.kind }
    }
    let kept = try MappedFile(at: second).bytes
    try FileManager.default.removeItem(at: second)
    #expect(refusal(first) == .missing)
    try FileManager.default.copyItem(at: third, to: second)
    #expect(refusal(first) == .mismatched)
    try folder.write(kept, to: "m-00002-of-00003.gguf")
    #expect(refusal(first) == nil)
    let renamed = folder.url.appending(path: "other.gguf")
    try FileManager.default.copyItem(at: first, to: renamed)
    #expect(refusal(renamed) == .mismatched)
  }
}
