import Foundation

/// The tensors of a GGUF file under the names, and with the numbers, that Hugging Face's library gives them.
struct GGUFTensorNames {
  let family: GGUFFamily
  let heads: GGUFHeads
  /// The number of the decoder's blocks, behind which others predict further tokens; nil if it is unknown.
  let blocks: Int?

  /// Tensors that the configuration is made of.
  private static let rotary: Set<String> = [
    "rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight",
  ]

  /// The tensors under their other names; those of experts taken apart.
  ///
  /// A name that is not known stays, within a block behind the block's own.
  ///
  /// - Throws: `InputError` if a tensor has an unexpected shape.
  func translated(_ tensors: [StoredTensor]) throws(InputError) -> [StoredTensor] {
    var result: [StoredTensor] = []
    for tensor in tensors where !Self.rotary.contains(tensor.name) {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      let number = parts[0] == "blk" && parts.count > 2 ? Int(parts[1]) : nil
      if let number, let blocks, number >= blocks { continue }
      if number != nil, let name = family.wholeNames[parts[2...].joined(separator: ".")] {
        let storage = inOrderOfFolders(tensor, String(parts[2]))
        result.append(
          StoredTensor(
            name: "\(family.blockPrefix)\(parts[1]).\(name)", shape: tensor.shape,
            storage: parts[2] == "ssm_a" ? DecayLogarithms(base: storage) : storage))
      } else if number != nil, parts.count == 4 {
        result += try block(tensor, number: parts[1], String(parts[2]), kind: parts[3])
      } else if parts.count == 2, let name = family.outerNames[String(parts[0])] {
        let isNorm = parts[0].hasSuffix("norm")
        result.append(
          StoredTensor(
            name: "\(name).\(parts[1])", shape: tensor.shape,
            storage: isNorm ? unshifted(tensor.storage) : tensor.storage))
      } else {
        result.append(tensor)
      }
    }
    return result
  }

  private func block(
    _ tensor: StoredTensor, number: Substring, _ name: String, kind: Substring
  ) throws(InputError) -> [StoredTensor] {
    let prefix = "\(family.blockPrefix)\(number)."
    if name == "attn_qkv", let names = family.queryKeyValueNames {
      return try projections(of: tensor, named: names.map { "\(prefix)\($0).\(kind)" })
    }
    if let expert = GGUFFamily.expertNames[name] {
      let whole = { "\(prefix)\(family.expertPrefix)\($0).\(expert).\(kind)" } as (Int) -> String
      if kind == "weight" { return try experts(of: tensor, whole) }
      if kind == "bias" {
        guard let biases = tensor.vectors(named: whole) else {
          throw mismatch(tensor, expected: "a vector for each of at most 2^14 experts")
        }
        return biases
      }
    }
    if name == "ffn_gate_up_exps", kind == "weight" {
      return try gatesAndUps(of: tensor, prefix: prefix + family.expertPrefix)
    }
    if name == "ffn_gate_inp_shexp", tensor.shape.count == 1, let plain = tensor.storage.plain {
      // llama.cpp's own programs leave out extents of 1.
      let row = StoredTensor(
        name: tensor.name, elementType: plain.elementType, shape: [1] + tensor.shape,
        file: plain.part.file, byteRange: plain.part.byteRange)
      return try block(row, number: number, name, kind: kind)
    }
    let translated = family.names[name] ?? GGUFFamily.blockNames[name] ?? name
    var storage = inOrderOfFolders(tensor, name)
    if name.hasSuffix("norm"), name != "ssm_norm", kind == "weight" {
      storage = unshifted(storage)
    }
    if family.interleavesHeads, name == "attn_q" || name == "attn_k" {
      storage = try deinterleaved(
        tensor, heads: name == "attn_q" ? heads.queryCount : heads.valueCount)
    }
    return [
      StoredTensor(
        name: "\(prefix)\(translated).\(kind)", shape: shape(of: tensor, named: name),
        storage: storage)
    ]
  }

  /// The shape that a folder has of a tensor that GGUF stores without an extent of 1.
  private func shape(of tensor: StoredTensor, named name: String) -> [Int] {
    switch (name, tensor.shape.count) {
    case ("ssm_conv1d", 2): [tensor.shape[0], 1, tensor.shape[1]]
    default: tensor.shape
    }
  }

  private func unshifted(_ storage: any TensorStorage) -> any TensorStorage {
    family.normShift == 0 ? storage : ShiftedElements(base: storage, constant: family.normShift)
  }

  /// The numbers of a tensor with the value heads of delta networks that share a key head side by side.
  ///
  /// In a tensor of an unexpected shape, which the decoder refuses, they stay.
  private func inOrderOfFolders(_ tensor: StoredTensor, _ name: String) -> any TensorStorage {
    guard family.spreadsValueHeads, let delta = heads.delta,
      delta.valueCount.isMultiple(of: delta.keyCount)
    else { return tensor.storage }
    func order(from start: Int = 0, unit: Int = delta.valueWidth) -> SwappedAxes {
      SwappedAxes(
        start: start, outer: delta.keyCount, inner: delta.valueCount / delta.keyCount, unit: unit)
    }
    let keys = 2 * delta.keyCount * delta.keyWidth
    if name == "ssm_out" {
      let order = order()
      guard order.fits(tensor.rowLength) else { return tensor.storage }
      return RearrangedColumns(base: tensor.storage, order: order, rowLength: tensor.rowLength)
    }
    let rows: SwappedAxes? =
      switch name {
      case "attn_qkv", "ssm_conv1d": order(from: keys)
      case "attn_gate": order()
      case "ssm_a", "ssm_alpha", "ssm_beta", "ssm_dt": order(unit: 1)
      default: nil
      }
    guard let rows, rows.fits(tensor.rowCount) else { return tensor.storage }
    return RearrangedRows(base: tensor.storage, order: rows, rowLength: tensor.rowLength)
  }

  private func deinterleaved(
    _ tensor: StoredTensor, heads count: Int
  ) throws(InputError) -> any TensorStorage {
    guard heads.width.isMultiple(of: 2), tensor.rowCount == count * heads.width else {
      throw mismatch(tensor, expected: "\(count) heads of \(heads.width) rows, an even number")
    }
    return RearrangedRows(
      base: tensor.storage, order: SwappedAxes(outer: 2, inner: heads.width / 2),
      rowLength: tensor.rowLength)
  }

  /// The projections of queries, keys and values, whose rows follow one another.
  private func projections(
    of tensor: StoredTensor, named names: [String]
  ) throws(InputError) -> [StoredTensor] {
    let widths = heads.projectionWidths
    guard let parts = tensor.headwiseParts(named: names, heads: 1, widths: widths) else {
      throw mismatch(tensor, expected: "\(widths.reduce(0, +)) rows, of queries, keys and values")
    }
    return parts
  }

  /// The matrices of all experts, stored one after the other, or rows of each.
  private func experts(
    of tensor: StoredTensor, rows: Range<Int>? = nil, _ name: (Int) -> String
  ) throws(InputError) -> [StoredTensor] {
    guard let matrices = tensor.matrices(rows: rows, named: name) else {
      throw mismatch(tensor, expected: "a matrix for each of at most 2^14 experts")
    }
    return matrices
  }

  /// The gate's and the upward matrices of all experts: of each expert's rows the upper and the lower half.
  private func gatesAndUps(
    of tensor: StoredTensor, prefix: String
  ) throws(InputError) -> [StoredTensor] {
    guard tensor.shape.count == 3, tensor.shape[1].isMultiple(of: 2) else {
      throw mismatch(tensor, expected: "a matrix of an even number of rows for each expert")
    }
    let (rows, half) = (tensor.shape[1], tensor.shape[1] / 2)
    return try experts(of: tensor, rows: 0..<half) { "\(prefix)\($0).gate_proj.weight" }
      + experts(of: tensor, rows: half..<rows) { "\(prefix)\($0).up_proj.weight" }
  }

  private func mismatch(_ tensor: StoredTensor, expected: String) -> InputError {
    InputError(
      .mismatched, file: tensor.parts.first?.file.path,
      subject: "tensor \(tensor.name)", expected: expected, found: "shape \(tensor.shape)",
      remedy: "download or convert the file again")
  }
}
