public import Foundation
public import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

// The safetensors file of a steering operator. With T tokens, width d and rank r:
//
//     tokens            [T]        int64
//     jacobian          [d, T, d]  J, indexed by output, token and input: a full operator
//     left              [r, d]     or its triplets, J = Σ_k σ_k u_k v_kᵀ
//     singular_values   [r]
//     right             [r, T, d]
//
// Metadata are strings: the fields of `Field`, and `provenance`, a JSON object.

extension SteeringOperator {
  private static var format: String { "secant.steering-operator" }
  private static var version: String { "1" }
  /// The place where the map ends: the stream at the phrase's last position, without the final
  /// norm.
  private static var reading: String { "stream" }
  /// The number of rows of an unformed map that are computed and written together.
  private static var rowBlock: Int { 64 }

  /// Writes the operator to a safetensors file, which appears when it is complete.
  ///
  /// An unformed operator is written as its matrix, one block of rows at a time: d adjoint
  /// products, without T·d² numbers in memory.
  ///
  /// - Parameters:
  ///   - url: Where the file is to appear.
  ///   - commandLine: The command's arguments, for the file's provenance.
  ///   - check: Called between blocks of rows with the fraction done; an error that it throws ends
  ///     the work.
  /// - Throws: `InputError` if the file cannot be written or the map is not finite, and the errors
  ///   of `check`.
  public func write(
    to url: URL, commandLine: [String]? = nil, check: (Double) throws -> Void = { _ in }
  ) throws {
    guard let type = ElementType(of: S.self) else {
      preconditionFailure("no type stores \(S.self)")
    }
    let (T, d) = (tokenCount, width)
    var tensors = [SafetensorsWriter.Tensor(name: "tokens", elementType: .i64, shape: [T])]
    if case .lowRank(let triplets, _) = form {
      tensors += [
        .init(name: "left", elementType: type, shape: [triplets.rank, d]),
        .init(name: "singular_values", elementType: type, shape: [triplets.rank]),
        .init(name: "right", elementType: type, shape: [triplets.rank, T, d]),
      ]
    } else {
      tensors.append(.init(name: "jacobian", elementType: type, shape: [d, T, d]))
    }
    let writer = try SafetensorsWriter(tensors, metadata: metadata(commandLine), to: url)
    try put(tokens.map(Int64.init), as: "tokens", into: writer)
    switch form {
    case .lowRank(let triplets, _):
      try put(triplets.left.elements, as: "left", into: writer)
      try put(triplets.singularValues, as: "singular_values", into: writer)
      try put(triplets.right.elements, as: "right", into: writer)
    case .full(let dense):
      try put(dense.matrix.elements, as: "jacobian", into: writer)
    case .exact(let joint):
      for start in stride(from: 0, to: d, by: Self.rowBlock) {
        try check(Double(start) / Double(d))
        let count = min(Self.rowBlock, d - start)
        let units = Matrix<S>(rows: count, columns: d) { $1 == start + $0 ? 1 : 0 }
        let rows = joint.applyAdjoint(units)
        guard rows.norm.isFinite else {
          throw InputError.overflow(of: "the steering operator", in: S.self)
        }
        try put(rows.elements, as: "jacobian", at: start * T * d, into: writer)
      }
    }
    try check(1)
    try writer.commit()
  }

  /// Writes elements of one tensor.
  private func put<Element: BitwiseCopyable>(
    _ elements: [Element], as name: String, at start: Int = 0, into writer: SafetensorsWriter
  ) throws(InputError) {
    try writer.write(elements.span, to: name, at: start)
  }

  /// The operator's form in a file: an unformed operator is written as its matrix.
  var writtenForm: String {
    switch form {
    case .exact, .full: "full"
    case .lowRank: "low-rank"
    }
  }

  private func metadata(_ commandLine: [String]?) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let provenance = FileProvenance(
      secantVersion: SecantVersion.current, model: model, commandLine: commandLine)
    var fields = [
      Field.format: Self.format, Field.version: Self.version, Field.block: "\(block)",
      Field.gate: rule.rawValue, Field.reading: Self.reading, Field.precision: precision,
      Field.form: writtenForm,
      Field.provenance: String(decoding: try encoder.encode(provenance), as: UTF8.self),
    ]
    if let text { fields[Field.text] = text }
    if case .lowRank(_, let truncation) = form {
      fields[Field.energyKept] = "\(truncation.energyKept)"
      fields[Field.energyError] = "\(truncation.energyError)"
      fields[Field.residual] = "\(truncation.residual)"
    }
    return fields
  }

  /// Reads an operator from a safetensors file.
  ///
  /// Validates everything except that it fits a model; ``check(against:)`` does that.
  ///
  /// - Throws: That the file cannot be read, is damaged, or holds something else.
  public init(at url: URL) throws(InputError) {
    let file = try OperatorFile(at: url)
    guard file.metadata[Field.format] == Self.format else {
      throw file.unusable(
        .invalid, "format", expected: Self.format, found: file.metadata[Field.format] ?? "none",
        remedy: "give a file that 'secant steer build' wrote")
    }
    guard file.metadata[Field.version] == Self.version else {
      throw file.unusable(
        .unsupported, Field.version, expected: Self.version,
        found: file.metadata[Field.version] ?? "none",
        remedy: "build the operator again with this version of Secant")
    }
    let form = try file.field(Field.form, "full or low-rank") {
      ["full", "low-rank"].contains($0) ? $0 : nil
    }
    _ = try file.field(Field.reading, Self.reading) { $0 == Self.reading ? $0 : nil }
    let provenance: FileProvenance = try file.field(Field.provenance, "a JSON object") {
      try? JSONDecoder().decode(FileProvenance.self, from: Data($0.utf8))
    }
    let tokens = try file.tokens()
    self.init(
      text: file.metadata[Field.text], tokens: tokens,
      block: try file.field(Field.block, "a block from 0") { text in
        Int(text).flatMap { $0 >= 0 ? $0 : nil }
      },
      rule: try file.field(Field.gate, "up, gate or half") { GateRule(rawValue: $0) },
      model: provenance.model,
      precision: try file.field(Field.precision, "f32 or f64") {
        ["f32", "f64"].contains($0) ? $0 : nil
      },
      form: form == "full"
        ? try Self.full(in: file, tokenCount: tokens.count)
        : try Self.lowRank(in: file, tokenCount: tokens.count))
  }

  private static func full(
    in file: OperatorFile, tokenCount T: Int
  ) throws(InputError) -> Form {
    let (shape, elements) = try file.tensor("jacobian", rank: 3, as: S.self)
    guard shape[1] == T, shape[0] == shape[2] else {
      throw file.unusable(
        .malformed, "tensor jacobian", expected: "shape [d, \(T), d]", found: "\(shape)",
        remedy: "build the operator again")
    }
    return .full(
      DenseOperator(Matrix(rows: shape[0], columns: T * shape[2], elements: elements)))
  }

  private static func lowRank(
    in file: OperatorFile, tokenCount T: Int
  ) throws(InputError) -> Form {
    let (leftShape, left) = try file.tensor("left", rank: 2, as: S.self)
    let (shape, values) = try file.tensor("singular_values", rank: 1, as: S.self)
    let (rightShape, right) = try file.tensor("right", rank: 3, as: S.self)
    let rank = shape[0]
    guard leftShape[0] == rank, rightShape == [rank, T, leftShape[1]] else {
      throw file.unusable(
        .malformed, "the triplets", expected: "shapes [\(rank), d] and [\(rank), \(T), d]",
        found: "\(leftShape) and \(rightShape)", remedy: "build the operator again")
    }
    func number(_ name: String) throws(InputError) -> Double {
      try file.field(name, "a number from 0") { text in
        Double(text).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
      }
    }
    return .lowRank(
      LowRankOperator(
        left: Matrix(rows: rank, columns: leftShape[1], elements: left), singularValues: values,
        right: Matrix(rows: rank, columns: T * leftShape[1], elements: right)),
      .init(
        rank: rank, energyKept: try number(Field.energyKept),
        energyError: try number(Field.energyError), residual: try number(Field.residual)))
  }

  /// Refuses a model other than the operator's own.
  ///
  /// - Throws: That the operator was made from another model, by its width or its fingerprint.
  public func check(against other: Model<S>) throws(InputError) {
    let configuration = other.decoder.configuration
    guard width == configuration.width, block < configuration.blockCount,
      model.fingerprint == other.identity.fingerprint
    else {
      throw InputError(
        .mismatched, subject: "the steering operator",
        expected: "one of \(other.name): width \(configuration.width), "
          + "\(configuration.blockCount) blocks, \(other.identity.fingerprint)",
        found: "block \(block) of \(model.name): width \(width), \(model.fingerprint)",
        remedy: "build it again with the model that it is to steer")
    }
    try other.decoder.validate(tokens)
  }
}

/// The names of the metadata.
private enum Field {
  static let format = "format"
  static let version = "version"
  static let form = "form"
  static let block = "block"
  static let gate = "gate"
  static let reading = "reading"
  static let precision = "precision"
  static let text = "text"
  static let energyKept = "energyKept"
  static let energyError = "energyError"
  static let residual = "residual"
  static let provenance = "provenance"
}

/// The origin of a file, besides its other metadata.
private struct FileProvenance: Codable {
  let secantVersion: String
  let model: ModelIdentity
  let commandLine: [String]?
}

/// A safetensors file whose parts are read one by one, each validated.
private struct OperatorFile {
  private let file: SafetensorsFile
  private let path: String

  init(at url: URL) throws(InputError) {
    file = try SafetensorsFile(at: url)
    path = url.path(percentEncoded: false)
  }

  var metadata: [String: String] { file.metadata }

  /// A required field of the metadata.
  func field<Value>(
    _ name: String, _ expected: String, _ read: (String) -> Value?
  ) throws(InputError) -> Value {
    let text = metadata[name]
    guard let value = text.flatMap(read) else {
      throw unusable(
        text == nil ? .missing : .malformed, "metadata \(name)", expected: expected,
        found: text ?? "nothing", remedy: "build the operator again")
    }
    return value
  }

  /// The shape and the elements of a tensor, all finite.
  func tensor<S: Scalar>(
    _ name: String, rank: Int, as _: S.Type
  ) throws(InputError) -> (shape: [Int], elements: [S]) {
    let tensor = try stored(name, rank: rank)
    guard [.f32, .f64].contains(tensor.elementType), !tensor.shape.contains(0) else {
      throw unusable(
        .malformed, "tensor \(name)", expected: "numbers of type F32 or F64",
        found: "shape \(tensor.shape) of another type", remedy: "build the operator again")
    }
    let elements = tensor.values(as: S.self)
    guard elements.allSatisfy(\.isFinite) else {
      throw unusable(
        .malformed, "tensor \(name)", expected: "finite numbers in \(S.precisionName)",
        found: "an infinite or undefined one", remedy: "build the operator again")
    }
    return (tensor.shape, elements)
  }

  /// The phrase's token ids, at least one.
  func tokens() throws(InputError) -> [Int] {
    let tensor = try stored("tokens", rank: 1)
    guard tensor.elementType == .i64, tensor.elementCount >= 1 else {
      throw unusable(
        .malformed, "tensor tokens", expected: "token ids of type I64",
        found: "shape \(tensor.shape) of another type", remedy: "build the operator again")
    }
    return tensor.withBytes { bytes in
      (0..<bytes.count / 8).map { index in
        let bits = (0..<8).reduce(0 as UInt64) { $0 | UInt64(bytes[8 * index + $1]) << (8 * $1) }
        return Int(truncatingIfNeeded: bits)
      }
    }
  }

  private func stored(_ name: String, rank: Int) throws(InputError) -> StoredTensor {
    guard let tensor = file.tensor(named: name), tensor.shape.count == rank else {
      throw unusable(
        .malformed, "tensor \(name)", expected: "one of \(rank) dimensions",
        found: file.tensor(named: name).map { "\($0.shape)" } ?? "none",
        remedy: "build the operator again")
    }
    return tensor
  }

  func unusable(
    _ kind: InputError.Kind, _ subject: String, expected: String, found: String, remedy: String
  ) -> InputError {
    InputError(
      kind, file: path, subject: subject, expected: expected, found: found, remedy: remedy)
  }
}
