import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

struct SafetensorsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    arguments: ElementType.allCases,
    [[], [0], [1], [7], [3, 0, 2], [2, 3, 4], [0, .max / 8]] as [[Int]])
  func readingIsTheInverseOfWriting(type: ElementType, shape: [Int]) throws {
    let count = shape.contains(0) ? 0 : shape.reduce(1, *)
    let url = folder.url.appending(path: "file.safetensors")
    let writer = try SafetensorsWriter(
      [
        .init(name: "first", elementType: .u8, shape: [3]),
        .init(name: "x", elementType: type, shape: shape),
      ], metadata: ["key": "value"], to: url)
    try writer.write([1, 2, 3].span as Span<UInt8>, to: "first")
    let bytes: [UInt8]
    switch type.width {
    case 1: bytes = try write(UInt8.self, count: count, to: writer)
    case 2: bytes = try write(UInt16.self, count: count, to: writer)
    case 4: bytes = try write(UInt32.self, count: count, to: writer)
    default: bytes = try write(UInt64.self, count: count, to: writer)
    }
    try writer.commit()

    let file = try SafetensorsFile(at: url)
    #expect(file.metadata == ["key": "value"])
    let tensor = try #require(file.tensor(named: "x"))
    #expect(tensor.elementType == type && tensor.shape == shape && tensor.elementCount == count)
    #expect(tensor.withBytes { span in span.indices.map { span[$0] } } == bytes)
    #expect(tensor.parts[0].byteRange.lowerBound.isMultiple(of: type.width))
    #expect(Set(file.tensors.map(\.name)) == ["first", "x"])
  }

  /// Writes elements whose bits count up, the second half first, and returns their bytes.
  private func write<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ bits: Bits.Type, count: Int, to writer: SafetensorsWriter
  ) throws -> [UInt8] {
    let elements = (0..<count).map { Bits(truncatingIfNeeded: ($0 + 1) &* 0x0102_0408_1020_4081) }
    try writer.write(Array(elements[(count / 2)...]).span, to: "x", at: count / 2)
    try writer.write(Array(elements[..<(count / 2)]).span, to: "x")
    return elements.flatMap { element in
      (0..<Bits.bitWidth / 8).map { UInt8(truncatingIfNeeded: element >> (8 * $0)) }
    }
  }

  /// Written by `save_file` of the Python package safetensors 0.8.0.
  private static let fromPython = """
    SAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJsb25nIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUi
    OlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19LCJkb3VibGUiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6W10sImRhdGFf
    b2Zmc2V0cyI6WzE2LDI0XX0sImEgXCJuYW1lXCJcbsOp5LiWIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxXSwiZGF0
    YV9vZmZzZXRzIjpbMjQsMjhdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRhdGFfb2Zmc2V0
    cyI6WzI4LDI4XX0sImZsb2F0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOlsyOCw1
    Ml19LCJicmFpbiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls1Miw1OF19LCJoYWxm
    Ijp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOls1OCw2Nl19LCJieXRlcyI6eyJkdHlw
    ZSI6IlU4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNjYsNjldfSwidHJ1dGgiOnsiZHR5cGUiOiJCT09MIiwi
    c2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNjksNzFdfX0gICAgIP//////////AAAAAAAAAEA1WABmLetB/gAAoEDN
    zMw9AAAAwOaxYX8BAAAAAAAAgAAA4ECAP5q+ln4APAEA//vNNACA/wEA
    """

  private func pythonFile() throws -> URL {
    let data = try #require(
      Data(base64Encoded: Self.fromPython, options: .ignoreUnknownCharacters))
    return try folder.write(Array(data), to: "python.safetensors")
  }

  @Test func readsWhatPythonWrites() throws {
    let file = try SafetensorsFile(at: pythonFile())
    func tensor(_ name: String) throws -> StoredTensor { try #require(file.tensor(named: name)) }
    #expect(file.metadata == ["format": "pt"])
    #expect(
      file.tensors.map(\.name)
        == [
          "long", "double", "a \"name\"\né世", "empty", "float", "brain", "half", "bytes", "truth",
        ])
    #expect(try tensor("double").values(as: Double.self) == [-1.5e300])
    #expect(
      try tensor("float").values(as: Float.self) == [
        0.1, -2, 3e38, .leastNonzeroMagnitude, -0.0, 7,
      ])
    #expect(
      try tensor("brain").values(as: Double.self) == [1, -0.30078125, 9.969209968386869e+37])
    #expect(
      try tensor("half").values(as: Double.self)
        == [1, 5.960464477539063e-08, -65504, 0.300048828125])
    #expect(try tensor("empty").shape == [0, 4])
    #expect(try tensor("truth").elementType == .bool)
    #expect(file.tensor(named: "absent")?.name == nil)
  }

  @Test func writesTheBytesThatPythonWrites() throws {
    let original = try SafetensorsFile(at: pythonFile())
    let url = folder.url.appending(path: "copy.safetensors")
    let writer = try SafetensorsWriter(
      try original.tensors.sorted { $0.name < $1.name }.map {
        .init(name: $0.name, elementType: try #require($0.elementType), shape: $0.shape)
      }, metadata: original.metadata, to: url)
    try writer.write([-1, 1 << 62].span as Span<Int64>, to: "long")
    try writer.write([-1.5e300].span as Span<Double>, to: "double")
    try writer.write([5].span as Span<Float>, to: "a \"name\"\né世")
    try writer.write([0.1, -2, 3e38].span as Span<Float>, to: "float")
    try writer.write([.leastNonzeroMagnitude, -0.0, 7].span as Span<Float>, to: "float", at: 3)
    try writer.write([0x3f80, 0xbe9a, 0x7e96].span as Span<UInt16>, to: "brain")
    try writer.write([0x3c00, 1, 0xfbff, 0x34cd].span as Span<UInt16>, to: "half")
    try writer.write([0, 128, 255].span as Span<UInt8>, to: "bytes")
    try writer.write([true, false].span as Span<Bool>, to: "truth")
    try writer.commit()
    #expect(try MappedFile(at: url).bytes == original.file.bytes)
  }

  @Test func writesNothingWithoutCommit() throws {
    let url = folder.url.appending(path: "file.safetensors")
    do {
      let writer = try SafetensorsWriter(
        [.init(name: "x", elementType: .f32, shape: [2])], to: url)
      try writer.write([1].span as Span<Float>, to: "x")
    }
    #expect(try folder.names == [])
    #expect(throws: InputError.self) {
      _ = try SafetensorsWriter([], to: folder.url.appending(path: "absent/file"))
    }
  }

  @Test func writesAFileWithoutTensors() throws {
    let url = folder.url.appending(path: "file.safetensors")
    let writer = try SafetensorsWriter([], to: url)
    try writer.commit()
    #expect(try MappedFile(at: url).bytes == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafetensorsFile(at: url).tensors.isEmpty)
  }

  @Test func mistakesOfTheCallerStopTheProcess() async {
    let path = folder.url.appending(path: "file").path
    await #expect(processExitsWith: .failure) { [path = path as String] in
      let writer = try SafetensorsWriter(
        [.init(name: "x", elementType: .f32, shape: [2])], to: URL(filePath: path))
      try writer.commit()
    }
    await #expect(processExitsWith: .failure) { [path = path as String] in
      let writer = try SafetensorsWriter(
        [.init(name: "x", elementType: .f32, shape: [2])], to: URL(filePath: path))
      try writer.write([1, 2].span as Span<Float>, to: "x", at: 1)
    }
  }
}
