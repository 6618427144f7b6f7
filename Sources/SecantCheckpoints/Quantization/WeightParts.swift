import Foundation

/// The tensors of a folder, while the tensors of each weight are joined.
struct WeightParts {
  private var byName: [String: StoredTensor]
  /// The names, in the order of the files.
  let names: [String]
  /// The names that joined weights have now, by those of their packed numbers.
  private var joined: [String: String] = [:]

  /// - Throws: `InputError` if two tensors that a decoder reads have the same name.
  init(_ tensors: [StoredTensor]) throws(InputError) {
    names = tensors.map(\.name)
    byName = [:]
    for tensor in tensors {
      guard let other = byName.updateValue(tensor, forKey: tensor.name) else { continue }
      throw InputError(
        .mismatched, file: tensor.path, subject: "tensor \(tensor.name)",
        expected: "it stacked with the other experts or by itself",
        found: "both, \(other.format) \(other.shape) and \(tensor.format) \(tensor.shape)",
        remedy: "convert or download the model again")
    }
  }

  /// The tensors that are left, in the order of the files.
  var tensors: [StoredTensor] { names.compactMap { byName[joined[$0] ?? $0] } }

  /// The tensor of that name; nil if there is none.
  subscript(name: String) -> StoredTensor? { byName[name] }

  /// Takes out a tensor of plain numbers that belongs to a weight.
  ///
  /// - Throws: `InputError` if there is none, or its type or shape differs.
  mutating func take(
    _ name: String, of types: ElementType..., shape: [Int], for weight: StoredTensor
  ) throws(InputError) -> PlainElements {
    guard let tensor = byName.removeValue(forKey: name) else {
      throw InputError(
        .missing, file: weight.path, subject: "tensor \(name)",
        expected: "it beside \(weight.name)",
        found: "no such tensor", remedy: "the file is incomplete: download it again")
    }
    guard let plain = tensor.storage.plain, types.contains(plain.elementType), tensor.shape == shape
    else {
      throw tensor.mismatch("\(types.map(\.rawValue).joined(separator: " or ")) \(shape)")
    }
    return plain
  }

  /// Gives the numbers of a weight to the name that it has without quantization.
  mutating func replace(_ name: String, shape: [Int], _ storage: any TensorStorage) {
    byName[name] = StoredTensor(name: name, shape: shape, storage: storage)
  }

  /// The same where packed numbers have a name of their own.
  ///
  /// - Throws: `InputError` if there is a tensor of the weight's name, too.
  mutating func replace(
    _ packed: String, by name: String, shape: [Int], _ storage: any TensorStorage
  ) throws(InputError) {
    if let other = byName[name] { throw other.mismatch("no tensor of this name beside \(packed)") }
    byName[packed] = nil
    joined[packed] = name
    replace(name, shape: shape, storage)
  }
}

extension StoredTensor {
  /// The file in which the tensor begins, for errors.
  var path: String? { parts.first?.file.path }

  /// The error for a tensor that cannot be the given part of a weight.
  func mismatch(_ expected: String, kind: InputError.Kind = .mismatched) -> InputError {
    InputError(
      kind, file: path, subject: "tensor \(name)", expected: expected, found: "\(format) \(shape)",
      remedy: "the file is damaged, or config.json that of another model: download both again")
  }

  /// The extents of a matrix with at least one element.
  ///
  /// - Throws: `InputError` if the tensor is not one.
  func extents() throws(InputError) -> (rows: Int, columns: Int) {
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else { throw mismatch("a matrix") }
    return (shape[0], shape[1])
  }

  /// The experts of a mixture that MLX stacks in one tensor, under the names of Hugging Face's library.
  ///
  /// Nil if this is not such a tensor.
  var experts: [StoredTensor]? {
    guard storage.plain != nil, shape.count == 3 || name.hasSuffix(".bias") else { return nil }
    for words in Self.stackedExperts {
      let names = name.split(separator: words, maxSplits: 1)
      // Where a number follows, an expert stands by itself, and where no suffix does, Hugging Face's library
      // wrote the file.
      guard names.count == 2, names[1].first?.isNumber == false, names[1].contains(".") else {
        continue
      }
      func expert(_ number: Int) -> String { "\(names[0]).experts.\(number).\(names[1])" }
      return shape.count == 2 ? vectors(named: expert) : matrices(named: expert)
    }
    return nil
  }

  /// The words that stand in the names of stacked experts for ".experts." and an expert's number.
  static let stackedExperts = [".switch_mlp.", ".experts.switch_glu.", ".experts."]
}
