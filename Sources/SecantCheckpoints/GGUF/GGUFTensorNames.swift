import Foundation

/// The tensors of a GGUF file under the names, and with the numbers, that Hugging Face's library gives them.
struct GGUFTensorNames {
  let family: GGUFFamily
  let heads: GGUFHeads

  /// Tensors that the configuration is made of.
  private static let rotary: Set<String> = [
    "rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight",
  ]

  /// The tensors under their other names; those of experts taken apart.
  ///
  /// A name that is not known stays, within a block behind the block's own.
  ///
  /// - Throws: That a tensor has not the shape that its meaning demands.
  func translated(_ tensors: [StoredTensor]) throws(InputError) -> [StoredTensor] {
    var result: [StoredTensor] = []
    for tensor in tensors where !Self.rotary.contains(tensor.name) {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      if parts.count == 4, parts[0] == "blk", Int(parts[1]) != nil {
        result += try block(tensor, number: parts[1], String(parts[2]), kind: parts[3])
      } else if parts.count == 2, let name = GGUFFamily.outerNames[String(parts[0])] {
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
    let prefix = "model.layers.\(number)."
    if let expert = GGUFFamily.expertNames[name], kind == "weight" {
      return try experts(of: tensor) { "\(prefix)mlp.experts.\($0).\(expert).weight" }
    }
    let translated = family.names[name] ?? GGUFFamily.blockNames[name] ?? name
    var storage = tensor.storage
    if name.hasSuffix("norm"), kind == "weight" { storage = unshifted(storage) }
    if family.interleavesHeads, name == "attn_q" || name == "attn_k" {
      storage = try deinterleaved(
        tensor, heads: name == "attn_q" ? heads.queryCount : heads.valueCount)
    }
    return [
      StoredTensor(name: "\(prefix)\(translated).\(kind)", shape: tensor.shape, storage: storage)
    ]
  }

  private func unshifted(_ storage: any TensorStorage) -> any TensorStorage {
    family.normShift == 0 ? storage : ShiftedElements(base: storage, constant: family.normShift)
  }

  private func deinterleaved(
    _ tensor: StoredTensor, heads count: Int
  ) throws(InputError) -> any TensorStorage {
    guard heads.width.isMultiple(of: 2), tensor.rowCount == count * heads.width else {
      throw mismatch(tensor, expected: "\(count) heads of \(heads.width) rows, an even number")
    }
    return InterleavedHeads(
      base: tensor.storage, headWidth: heads.width, rowLength: tensor.rowLength)
  }

  /// The matrices of all experts, which lie one after the other.
  private func experts(
    of tensor: StoredTensor, name: (Int) -> String
  ) throws(InputError) -> [StoredTensor] {
    guard tensor.shape.count == 3, (1...1 << 14).contains(tensor.shape[0]),
      let part = tensor.parts.first
    else { throw mismatch(tensor, expected: "a matrix for each of at most 2^14 experts") }
    let shape = Array(tensor.shape.dropFirst())
    let size = part.byteRange.count / tensor.shape[0]
    return (0..<tensor.shape[0]).map { expert in
      let start = part.byteRange.lowerBound + expert * size
      let range = start..<start + size
      if let blocks = tensor.storage as? QuantizedBlocks {
        return StoredTensor(
          name: name(expert), shape: shape,
          storage: QuantizedBlocks(
            type: blocks.type, rowLength: shape[1], part: FilePart(part.file, range)))
      }
      return StoredTensor(
        name: name(expert), elementType: tensor.elementType ?? .f32, shape: shape,
        file: part.file, byteRange: range)
    }
  }

  private func mismatch(_ tensor: StoredTensor, expected: String) -> InputError {
    InputError(
      .mismatched, file: tensor.parts.first?.file.path,
      subject: "tensor \(tensor.name)", expected: expected, found: "shape \(tensor.shape)",
      remedy: "download or convert the file again")
  }
}
