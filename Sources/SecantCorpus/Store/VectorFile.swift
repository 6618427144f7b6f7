package import Foundation
package import SecantCheckpoints

/// Rows of binary16 numbers in a file of NumPy's format, which numpy.load maps into memory.
///
/// Source: numpy.lib.format, version 1.0.
package struct VectorFile: Sendable {
  /// The bytes before the first row.
  package static let headCount = 128

  /// The number of rows.
  package let rows: Int
  /// d: the numbers in a row.
  package let width: Int
  private let file: MappedFile

  /// The first `headCount` bytes of a file.
  package static func head(rows: Int, width: Int) -> [UInt8] {
    let text = "{'descr': '<f2', 'fortran_order': False, 'shape': (\(rows), \(width)), }"
    var head = [0x93] + Array("NUMPY".utf8) + [1, 0]
    head.append(UInt16(headCount - 10))
    head += text.utf8
    head += [UInt8](repeating: UInt8(ascii: " "), count: headCount - 1 - head.count)
    return head + [UInt8(ascii: "\n")]
  }

  /// Opens a file that a merge wrote.
  ///
  /// - Throws: `InputError` where there is none, or one of another form.
  package init(at url: URL) throws(InputError) {
    file = try MappedFile(at: url)
    let path = url.path(percentEncoded: false)
    let head = file.withBytes(in: 0..<min(Self.headCount, file.count)) { bytes in
      bytes.indices.map { bytes[$0] }
    }
    let text = String(decoding: head.dropFirst(10), as: UTF8.self)
    guard let match = text.firstMatch(of: /'shape': \(([0-9]+), ([0-9]+)\)/),
      let rows = Int(match.1), let width = Int(match.2),
      head == Self.head(rows: rows, width: width),
      file.count == Self.headCount + 2 * rows * width
    else {
      throw InputError(
        .malformed, file: path, subject: "vectors", expected: "those of a merge",
        found: "another file", remedy: "run secant scan merge again")
    }
    (self.rows, self.width) = (rows, width)
  }

  /// Rows as numbers in single precision, row-major.
  package func values(_ range: Range<Int>) -> [Float] {
    var values = [Float](repeating: 0, count: range.count * width)
    guard !values.isEmpty else { return values }
    var target = values.mutableSpan
    let start = Self.headCount + 2 * width * range.lowerBound
    file.withBytes(in: start..<start + 2 * width * range.count) { bytes in
      widenHalves(bytes, into: &target)
    }
    return values
  }
}
