/// Weights s·(q − z) of integers q, with a scale s and an integer z for each output and group of inputs.
///
/// The difference is exact, and the product is rounded once, to single precision. Packages that compute in 16
/// bits round it to those as well: nothing is rounded here that the file did not round.
struct IntegerGroups: TensorStorage {
  /// z: the integer that stands for 0.
  enum Zero: Sendable {
    /// The same everywhere.
    case constant(Int)
    /// One for each group and output.
    case packed(PackedIntegers)
  }

  /// What the format is called.
  let name: String
  /// q.
  let packed: PackedIntegers
  /// z.
  let zero: Zero
  /// s one by one: the outputs of each group in turn, or the groups of each output.
  let scales: PlainElements
  /// Whether q, z and s have outputs along rows, `[outputs, inputs]`, and not `[inputs, outputs]`.
  let isByOutput: Bool
  /// The number of outputs.
  let outputs: Int
  /// The number of inputs, which is the length of a row of the weight.
  let rowLength: Int
  /// The number of groups.
  let groups: Int
  /// The inputs of a group that are neighbors; nil where `groupOfInput` says which they are.
  let size: Int
  /// The group of each input; empty where groups are neighbors.
  let groupOfInput: [Int32]
  /// Parts of files that only say how the others are read.
  let descriptions: [FilePart]

  var format: String { "\(name)\(packed.bits)/\(size)" }
  var isComputable: Bool { true }

  var parts: [FilePart] {
    var parts = [packed.part, scales.part]
    if case .packed(let zero) = zero { parts.append(zero.part) }
    return parts + descriptions
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    target.writeRows(rows, of: rowLength) { unpack(rows: $0, into: &$1) }
  }

  private func unpack(rows: Range<Int>, into target: inout MutableSpan<Float>) {
    let (scales, zeros) = (scales(of: rows), zeros(of: rows))
    let integers = integers(of: rows)
    for row in 0..<rows.count {
      let (start, table) = (row * rowLength, row * groups)
      for input in 0..<rowLength {
        let group = table + group(of: input)
        target[start + input] =
          scales[group] * Float(Int32(integers[start + input]) - Int32(zeros[group]))
      }
    }
  }

  @inline(__always)
  private func group(of input: Int) -> Int {
    groupOfInput.isEmpty ? input / size : Int(groupOfInput[input])
  }

  /// q of some outputs, `[rows.count, rowLength]`.
  private func integers(of rows: Range<Int>) -> [UInt8] {
    elements(packed, rows, across: rowLength)
  }

  /// z of some outputs, `[rows.count, groups]`.
  private func zeros(of rows: Range<Int>) -> [UInt8] {
    switch zero {
    case .constant(let zero): [UInt8](repeating: UInt8(zero), count: rows.count * groups)
    case .packed(let zeros): elements(zeros, rows, across: groups)
    }
  }

  /// The integers of some outputs, one output after the other.
  private func elements(_ packed: PackedIntegers, _ rows: Range<Int>, across: Int) -> [UInt8] {
    var values = [UInt8](repeating: 0, count: rows.count * across)
    var target = values.mutableSpan
    if isByOutput {
      packed.forEach(rows: rows, columns: 0..<across) { output, other, value in
        target[(output - rows.lowerBound) * across + other] = UInt8(value)
      }
    } else {
      packed.forEach(rows: 0..<across, columns: rows) { other, output, value in
        target[(output - rows.lowerBound) * across + other] = UInt8(value)
      }
    }
    return values
  }

  /// s of some outputs, `[rows.count, groups]`; of other outputs none is read.
  private func scales(of rows: Range<Int>) -> [Float] {
    if isByOutput { return scales(rows.lowerBound * groups..<rows.upperBound * groups) }
    var values = [Float](repeating: 0, count: rows.count * groups)
    for group in 0..<groups {
      let first = group * outputs
      for (row, scale) in scales(first + rows.lowerBound..<first + rows.upperBound).enumerated() {
        values[row * groups + group] = scale
      }
    }
    return values
  }

  /// Some of the scales, in the order of the file.
  private func scales(_ range: Range<Int>) -> [Float] {
    var values = [Float](repeating: 0, count: range.count)
    var target = values.mutableSpan
    scales.convert(rows: range, into: &target)
    return values
  }

  /// The first element of the first group in some rows in which an integer could make an infinity.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    let largest = Float(1 << packed.bits)
    let found = scales(of: rows).firstIndex { !($0.magnitude * largest).isFinite }
    guard let found else { return nil }
    let (row, group) = found.quotientAndRemainder(dividingBy: groups)
    let input = (0..<rowLength).first { self.group(of: $0) == group } ?? 0
    return (rows.lowerBound + row) * rowLength + input
  }
}
