import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// Quantized weights are, bit for bit, what their format's formula gives in single precision.
///
/// `Tools/fixtures/quantized_fixtures.py` had the packages `mlx` and `bitsandbytes` quantize, and computed
/// the formula with NumPy. What this does not prove: that other versions write the same layout.
struct QuantizedFolderTests {
  static let fixtures = Repository.folder.appending(path: "Tests/Fixtures/quantized")

  static let names = [
    "mlx-groups", "mlx-bits", "mlx-llama", "mlx-mixture", "nf4-blocks", "nf4-llama", "nf4-qwen3",
    "fp8-qwen3", "gptq-mixture", "gptq-eight", "gptq-two", "awq-mixture", "w4a16-llama",
  ]

  @Test(arguments: names)
  func weightsAreWhatTheFormulaSays(name: String) throws {
    let folder = Self.fixtures.appending(path: name)
    let checkpoint = try Checkpoint(at: folder)
    let plain = try Checkpoint(at: folder.appending(path: "plain"))
    #expect(checkpoint.tensorNames == plain.tensorNames)
    #expect(checkpoint.tensors.contains { $0.elementType == nil })
    for (tensor, expected) in zip(checkpoint.tensors, plain.tensors) {
      #expect(tensor.shape == expected.shape && tensor.isComputable, "\(tensor.name)")
      #expect(tensor.firstNonFiniteIndex() == nil, "\(tensor.name)")
      let values = expected.values(as: Float.self)
      #expect(
        tensor.values(as: Float.self).map(\.bitPattern) == values.map(\.bitPattern),
        "\(tensor.name)")
      #expect(tensor.values(as: Double.self) == values.map(Double.init), "\(tensor.name)")
    }
    // Every byte of the file belongs to one tensor, but for the texts that describe some.
    let file = try SafetensorsFile(at: folder.appending(path: "model.safetensors"))
    let parts = file.tensors.filter { !$0.name.contains("quant_state") }
    let bytes = parts.reduce(0) { $0 + $1.byteCount }
    #expect(checkpoint.totalBytes == bytes)
  }

  @Test(arguments: names)
  func rowsAreSlicesOfTheWhole(name: String) throws {
    for tensor in try Checkpoint(at: Self.fixtures.appending(path: name)).tensors {
      let (rows, length) = (tensor.rowCount, tensor.rowLength)
      let whole = tensor.values(as: Float.self)
      for range in [0..<0, 0..<1, rows / 2..<rows, rows - 1..<rows, rows / 3..<rows / 2] {
        var part = [Float](repeating: .nan, count: range.count * length)
        var target = part.mutableSpan
        tensor.convert(rows: range, into: &target)
        #expect(part == Array(whole[range.lowerBound * length..<range.upperBound * length]))
      }
    }
  }

  /// MXFP4 is what `convert_moe_packed_tensors` of Hugging Face's library makes of it, which also turns the
  /// matrix of each expert.
  @Test func microscaledExpertsAreWhatTheLibrarySays() throws {
    let folder = Self.fixtures.appending(path: "mxfp4-gpt-oss")
    let checkpoint = try Checkpoint(at: folder)
    let plain = try Checkpoint(at: folder.appending(path: "plain"))
    #expect(checkpoint.tensorNames == plain.tensorNames)
    #expect(Set(checkpoint.tensors.map(\.format)) == ["MXFP4", "BF16"])
    for (tensor, expected) in zip(checkpoint.tensors, plain.tensors) where tensor.format == "MXFP4"
    {
      let (experts, outputs, inputs) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
      #expect(expected.shape == [experts, inputs, outputs])
      #expect(tensor.firstNonFiniteIndex() == nil)
      let (values, turned) = (
        tensor.values(as: Float.self), expected.values(as: Float.self)
      )
      for (index, value) in values.enumerated() {
        let (row, input) = index.quotientAndRemainder(dividingBy: inputs)
        let (expert, output) = row.quotientAndRemainder(dividingBy: outputs)
        let place = (expert * inputs + input) * outputs + output
        #expect(value.bitPattern == turned[place].bitPattern, "\(tensor.name) \(index)")
      }
      #expect(tensor.values(as: Double.self) == values.map(Double.init))
    }
    let file = try SafetensorsFile(at: folder.appending(path: "model.safetensors"))
    #expect(checkpoint.totalBytes == file.tensors.reduce(0) { $0 + $1.byteCount })
  }

  /// Every number of 4 bits with every exponent is exact; exponents that may make infinities are found.
  @Test func everyNumberOfFourBitsIsExact() throws {
    let magnitudes: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    let blocks = (0..<256).flatMap { _ in (0..<16).map { UInt8($0 | (15 - $0) << 4) } }
    let exponents = (0..<256).map { UInt8($0) }
    func tensor(_ exponents: [UInt8]) throws -> StoredTensor {
      let header = """
        {"a_blocks":{"dtype":"U8","shape":[4,64,16],"data_offsets":[0,4096]},\
        "a_scales":{"dtype":"U8","shape":[4,64],"data_offsets":[4096,4352]}}
        """
      let folder = try TemporaryFolder()
      try folder.write(#"{"quantization_config":{"quant_method":"mxfp4"}}"#, to: "config.json")
      try folder.write(safetensors(header) + blocks + exponents, to: "model.safetensors")
      return try Checkpoint(at: folder.url).tensor(named: "a")
    }
    let all = try tensor(exponents)
    #expect(all.shape == [4, 2048] && all.format == "MXFP4")
    for (index, found) in all.values(as: Float.self).enumerated() {
      let (block, place) = index.quotientAndRemainder(dividingBy: 32)
      let bits = place % 2 == 0 ? place / 2 : 15 - place / 2
      let sign: Float = bits < 8 ? 1 : -1
      // The power is a product of two, so that it neither overflows nor vanishes before the number is in.
      let (half, rest) = ((block - 127) / 2, block - 127 - (block - 127) / 2)
      let expected =
        sign * magnitudes[bits & 7] * Float(sign: .plus, exponent: half, significand: 1)
        * Float(sign: .plus, exponent: rest, significand: 1)
      #expect(found.bitPattern == expected.bitPattern, "\(bits) · 2^(\(block) - 127)")
    }
    #expect(all.firstNonFiniteIndex() == 253 * 32)
    #expect(try tensor(exponents.map { min($0, 252) }).firstNonFiniteIndex() == nil)
  }

  @Test func formatsAreNamed() throws {
    func formats(_ name: String) throws -> Set<String> {
      Set(try Checkpoint(at: Self.fixtures.appending(path: name)).tensors.map(\.format))
    }
    #expect(try formats("mlx-llama") == ["AFFINE4/32", "AFFINE8/32", "BF16"])
    #expect(try formats("nf4-blocks") == ["NF4/64", "NF4/256", "NF4/4096"])
    #expect(try formats("fp8-qwen3") == ["F8_E4M3/8x4", "BF16"])
    #expect(try formats("gptq-mixture") == ["GPTQ4/8", "F16"])
    #expect(try formats("gptq-eight") == ["GPTQ8/32", "F16"])
    #expect(try formats("gptq-two") == ["GPTQ2/16", "F16"])
    #expect(try formats("awq-mixture") == ["AWQ4/16", "F16"])
    #expect(
      try formats("w4a16-llama") == [
        "COMPRESSED4/4", "COMPRESSED4/32", "COMPRESSED8/32", "BF16",
      ])
  }

  /// Every pattern of 8 bits, at every place of a vector, times scales of all sizes.
  @Test func everyNumberOfEightBitsIsExact() throws {
    // By definition: exponents from -6, of which 0 has no leading one; all ones are no number.
    func value(_ byte: UInt8) -> Float {
      let (exponent, fraction) = (Int(byte >> 3 & 15), Float(byte & 7) / 8)
      if byte & 127 == 127 { return .nan }
      return Float(
        sign: byte < 128 ? .plus : .minus, exponent: exponent == 0 ? -6 : exponent - 7,
        significand: exponent == 0 ? fraction : 1 + fraction)
    }
    let scales: [Float] = [
      1, 0.1, -3.7e-5, 0, -0.0, .leastNonzeroMagnitude, 0x1.3p-140, 0x1.8p118, 0x1p119, 1.7e36,
    ]
    let (columns, size) = (256 + 7, 100)
    let blocks = (columns + size - 1) / size
    let bytes = scales.indices.flatMap { row in
      (0..<columns).map { UInt8(truncatingIfNeeded: $0 + 13 * row) }
    }
    let data = scales.flatMap { scale in
      [[UInt8]](repeating: GGUFBytes.bytes(scale.bitPattern), count: blocks).joined()
    }
    let header = """
      {"a.weight":{"dtype":"F8_E4M3","shape":[\(scales.count),\(columns)],\
      "data_offsets":[0,\(bytes.count)]},\
      "a.weight_scale_inv":{"dtype":"F32","shape":[\(scales.count),\(blocks)],\
      "data_offsets":[\(bytes.count),\(bytes.count + data.count)]}}
      """
    let folder = try TemporaryFolder()
    try folder.write(
      #"{"quantization_config":{"quant_method":"fp8","weight_block_size":[1,\#(size)]}}"#,
      to: "config.json")
    try folder.write(safetensors(header) + bytes + data, to: "model.safetensors")
    let tensor = try Checkpoint(at: folder.url).tensor(named: "a.weight")
    #expect(tensor.format == "F8_E4M3/1x\(size)")
    for (index, found) in tensor.values(as: Float.self).enumerated() {
      let expected = scales[index / columns] * value(bytes[index])
      #expect(
        found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN,
        "\(bytes[index]) times \(scales[index / columns])")
    }
  }

  /// Scales that reach across the rows that several threads search are found by each of them.
  @Test(arguments: [UInt64(1), 2, 3])
  func scalesThatReachAcrossRowsAreSearched(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (rows, columns, size) = (3001, 1530, 4096)
    let blocks = (rows * columns + size - 1) / size
    let state = #"{"quant_type":"nf4","blocksize":\#(size),"shape":[\#(rows),\#(columns)]}"#
    let parts: [(String, String, [Int], [UInt8])] = [
      ("a.weight", "U8", [(rows * columns + 1) / 2, 1], []),
      ("a.weight.absmax", "F32", [blocks], []),
      ("a.weight.quant_map", "F32", [16], []),
      ("a.weight.quant_state.bitsandbytes__nf4", "U8", [state.utf8.count], Array(state.utf8)),
    ]
    var (entries, data, scales) = ([String](), [UInt8](), 0)
    for (name, type, shape, content) in parts {
      let count = shape.reduce(type == "U8" ? 1 : 4, *)
      if name.hasSuffix("absmax") { scales = data.count }
      entries.append(
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),"
          + "\"data_offsets\":[\(data.count),\(data.count + count)]}")
      data += content.isEmpty ? [UInt8](repeating: 0x3f, count: count) : content
    }
    let header = safetensors("{" + entries.joined(separator: ",") + "}")
    let folder = try TemporaryFolder()
    try folder.write(
      #"{"quantization_config":{"quant_method":"bitsandbytes","bnb_4bit_quant_type":"nf4"}}"#,
      to: "config.json")
    var first = Int.max
    for _ in 0..<4 {
      let block = Int.random(in: 0..<blocks, using: &generator)
      first = min(first, block)
      data.replaceSubrange(scales + 4 * block..<scales + 4 * block + 4, with: Self.inf)
      try folder.write(header + data, to: "model.safetensors")
      let tensor = try Checkpoint(at: folder.url).tensor(named: "a.weight")
      #expect(tensor.firstNonFiniteIndex() == first * size, "seed \(seed)")
    }
  }

  /// Scales that are no finite numbers are found where they stand.
  @Test(
    arguments: [
      ("mlx-llama", "model.layers.1.mlp.gate_proj", "weight", ".scales", 3, [0x80, 0x7f], 96),
      ("mlx-llama", "model.layers.1.mlp.gate_proj", "weight", ".biases", 2, [0xc0, 0xff], 64),
      ("nf4-qwen3", "model.layers.0.mlp.up_proj", "weight", ".weight.absmax", 2, inf, 128),
      ("nf4-qwen3", "model.layers.0.mlp.up_proj", "weight", ".weight.quant_map", 9, nan, 0),
      ("nf4-llama", "model.layers.0.mlp.up_proj", "weight", ".weight.nested_absmax", 0, nan, 0),
      ("fp8-qwen3", "model.layers.0.mlp.up_proj", "weight", ".weight", 17, [0xff], 17),
      // Number 38 of [2, 32] is the scale of the second group of output 6.
      (
        "gptq-two", "model.layers.0.mlp.experts.0.down_proj", "weight", ".scales", 38, [0, 0x7c],
        208
      ),
      (
        "w4a16-llama", "model.layers.0.mlp.down_proj", "weight", ".weight_scale", 13, [0, 0x7c], 52
      ),
      ("fp8-qwen3", "model.layers.0.mlp.up_proj", "weight", ".weight_scale_inv", 6, nil, 128),
    ] as [(String, String, String, String, Int, [UInt8]?, Int)])
  func numbersThatAreNotFiniteAreFound(
    name: String, layer: String, weight: String, part: String, element: Int, bytes: [UInt8]?,
    expected: Int
  ) throws {
    let folder = try Self.copy(name)
    let url = folder.url.appending(path: "model.safetensors")
    let stored = try #require(try SafetensorsFile(at: url).tensor(named: layer + part))
    let width = stored.byteCount / stored.elementCount
    let bytes = bytes ?? (width == 2 ? [0x80, 0x7f] : Self.inf)
    var content = try MappedFile(at: url).bytes
    let start = stored.parts[0].byteRange.lowerBound + element * width
    content.replaceSubrange(start..<start + width, with: bytes)
    try folder.write(content, to: "model.safetensors")
    let tensor = try Checkpoint(at: folder.url).tensor(named: "\(layer).\(weight)")
    #expect(tensor.firstNonFiniteIndex() == expected)
  }

  static let inf: [UInt8] = [0, 0, 0x80, 0x7f]
  static let nan: [UInt8] = [1, 0, 0xc0, 0x7f]

  /// A copy of a fixture that a test may alter.
  static func copy(_ name: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for file in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        at: fixtures.appending(path: "\(name)/\(file)"), to: folder.url.appending(path: file))
    }
    return folder
  }
}

/// What is not understood is named, with what to do.
struct QuantizationRefusalTests {
  @Test(
    arguments: [
      (#""quantization": {"group_size": 64, "bits": 7}"#, "quantization.bits: expected 2, 3, 4"),
      (#""quantization": {"group_size": 16, "bits": 4}"#, "quantization.group_size"),
      (
        #""quantization": {"group_size": 32, "bits": 8, "mode": "mxfp8"}"#,
        "found the string \"mxfp8\""
      ),
      (
        #""quantization": {"group_size": 64, "bits": 4, "mode": "mxfp4"}"#,
        "4 bits in groups of 32"
      ),
      (#""quantization": {"bits": 4}"#, "quantization.group_size"),
      (
        #""quantization": {"group_size": 64, "bits": 4, "a.b": {"group_size": 64, "bits": 1}}"#,
        "a.b.bits"
      ),
      (#""quantization": {"group_size": 64, "bits": 4, "level": 3}"#, "quantization.level"),
      (#""quantization": 4"#, "quantization"),
      (#""quantization_config": {}"#, "quantization_config.quant_method"),
      (#""quantization_config": {"quant_method": "gptq", "bits": 4}"#, "group_size"),
      (
        #""quantization_config": {"quant_method": "gptq", "bits": 3, "group_size": 128}"#,
        "bits: expected 2, 4, 8, found the number 3"
      ),
      (
        #""quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 0}"#,
        "quantization_config.group_size"
      ),
      (
        #""quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128, "checkpoint_format": "marlin"}"#,
        "found the string \"marlin\""
      ),
      (
        #""quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemv"}"#,
        "found the string \"gemv\""
      ),
      (
        #""quantization_config": {"quant_method": "awq", "bits": 8, "group_size": 128}"#,
        "bits: expected 4"
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized", "config_groups": {}}"#,
        "found the string \"nvfp4-pack-quantized\""
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"g": {"weights": {"type": "float"}}}}"#,
        "found the string \"float\""
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {}, "sparsity_config": {"format": "sparse-24-bitmask"}}"#,
        "sparse-24-bitmask"
      ),
      (#""quantization_config": {"quant_method": "hqq"}"#, "found the string \"hqq\""),
      (#""quantization_config": {"quant_method": "aqlm"}"#, "found the string \"aqlm\""),
      (
        #""quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": true}"#,
        "LLM.int8 is not read"
      ),
      (
        #""quantization_config": {"quant_method": "bitsandbytes", "bnb_4bit_quant_type": "fp4"}"#,
        "found the string \"fp4\""
      ),
      (
        #""quantization_config": {"quant_method": "bitsandbytes", "bnb_4bit_quant_type": "nf4", "bnb_4bit_quant_storage": "bfloat16"}"#,
        "bnb_4bit_quant_storage"
      ),
      (#""quantization_config": {"quant_method": "fp8"}"#, "weight_block_size"),
      (
        #""quantization_config": {"quant_method": "fp8", "weight_block_size": [128]}"#,
        "weight_block_size"
      ),
      (
        #""quantization_config": {"quant_method": "fp8", "fmt": "e5m2", "weight_block_size": [128, 128]}"#,
        "found the string \"e5m2\""
      ),
    ])
  func schemesAreRefused(field: String, named: String) throws {
    let root = try JSONField(parsing: Array("{\(field)}".utf8), file: "config.json")
    let error = #expect(throws: InputError.self) { try QuantizationScheme(root) }
    #expect(error?.description.contains(named) == true, "\(String(describing: error))")
  }

  /// Parts of a weight that are missing or contradict each other; replaced texts have the same length.
  @Test(
    arguments: [
      ("mlx-llama", "up_proj.biases", "up_proj.biasez", "up_proj.biases: expected it beside"),
      (
        "mlx-llama", #""BF16","shape":[44,1]"#, #""BF16","shape":[1,44]"#,
        "[44, 1], found BF16 [1, 44]"
      ),
      ("mlx-llama", #""U32","shape":[44,4]"#, #""I32","shape":[44,4]"#, "found I32 [44, 4]"),
      ("mlx-llama", #""U32","shape":[44,4]"#, #""U32","shape":[4,44]"#, "found BF16 [44, 1]"),
      ("nf4-llama", #""blocksize": 64"#, #""blocksize": 63"#, "a power of two"),
      ("nf4-llama", #""blocksize": 64"#, #""blocksize": 32"#, "found U8 ["),
      ("nf4-llama", #""shape": [44, 32]"#, #""shape": [44, 34]"#, "[748, 1]"),
      ("nf4-llama", #""shape": [44, 32]"#, #""shape": [44, -2]"#, "[rows, columns]"),
      ("nf4-llama", #""quant_type": "nf4""#, #""quant_type": "fp4""#, "found the string \"fp4\""),
      ("nf4-llama", #""nested_blocksize": 256"#, #""nested_blocksize": 000"#, "quant_state"),
      (
        "nf4-llama", "weight.nested_quant_map", "weight.nested_quant_mup",
        "nested_quant_map: expected it"
      ),
      ("nf4-llama", "bitsandbytes__nf4", "bitsandbytes__fp4", "found type fp4"),
      ("gptq-mixture", "up_proj.qzeros", "up_proj.qzeroz", "up_proj.qzeros: expected it beside"),
      ("gptq-eight", "up_proj.scales", "up_proj.scalez", "up_proj.scales: expected it beside"),
      ("awq-mixture", "up_proj.qzeros", "up_proj.qzeroz", "up_proj.qzeros: expected it beside"),
      (
        "w4a16-llama", "weight_shape", "weight_shapf",
        "weight_shape: expected it beside"
      ),
      (
        "fp8-qwen3", "weight_scale_inv\":{\"dtype\":\"F32\"",
        "weight_scale_inv\":{\"dtype\":\"I32\"", "found I32"
      ),
    ] as [(String, String, String, String)])
  func partsAreRefused(name: String, old: String, new: String, named: String) throws {
    let folder = try QuantizedFolderTests.copy(name)
    let url = folder.url.appending(path: "model.safetensors")
    var content = try Data(contentsOf: url)
    var found = content.range(of: Data(old.utf8))
    try #require(found != nil && old.utf8.count == new.utf8.count, "\(old) is not in \(name)")
    while let range = found {
      content.replaceSubrange(range, with: Data(new.utf8))
      found = content.range(of: Data(old.utf8), in: range.upperBound..<content.endIndex)
    }
    try folder.write(Array(content), to: "model.safetensors")
    let message = folder.message { () throws(InputError) in _ = try Checkpoint(at: folder.url) }
    #expect(message?.contains(named) == true, "\(String(describing: message))")
  }

  /// An expert that stands in a stack and by itself: one of the two would be left out silently.
  @Test func expertsThatAreThereTwiceAreRefused() throws {
    let header = """
      {"mlp.switch_mlp.up_proj.weight":{"dtype":"BF16","shape":[2,1,2],"data_offsets":[0,8]},\
      "mlp.experts.1.up_proj.weight":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}}
      """
    let folder = try TemporaryFolder()
    try folder.write(#"{"quantization":{"group_size":64,"bits":4}}"#, to: "config.json")
    try folder.write(safetensors(header, data: 12), to: "model.safetensors")
    let error = #expect(throws: InputError.self) { try Checkpoint(at: folder.url) }
    #expect(error?.kind == .mismatched)
    #expect(error?.subject == "tensor mlp.experts.1.up_proj.weight")
    #expect(error?.found == "both, BF16 [1, 2] and BF16 [1, 2]")
  }
}
