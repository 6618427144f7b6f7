extension StoredTensor {
  /// Rows of each of the matrices that lie in this tensor one after the other, as tensors of their own.
  ///
  /// `[E, r, c]` gives E tensors `[rows, c]`, which refer to this one's bytes.
  ///
  /// - Parameters:
  ///   - rows: The rows of each matrix that are wanted, of 0..<r; by default all.
  ///   - name: What the tensor of a matrix is called, by the matrix's number.
  /// - Returns: Nil where this is not 1…2^14 matrices of at least one element, of plain numbers or of blocks
  ///   that end with a row.
  package func matrices(
    rows: Range<Int>? = nil, named name: (Int) -> String
  ) -> [StoredTensor]? {
    guard shape.count == 3, (1...1 << 14).contains(shape[0]), elementCount > 0 else { return nil }
    if let blocks = storage as? MicroscaledBlocks {
      let rows = rows ?? 0..<shape[1]
      return (0..<shape[0]).map { number in
        let whole = blocks.rows(number..<number + 1, of: shape[2])
        return StoredTensor(
          name: name(number), shape: [rows.count, shape[2]], storage: whole.rows(rows))
      }
    }
    guard let part = parts.first, parts.count == 1,
      part.byteRange.count.isMultiple(of: shape[0] * shape[1])
    else { return nil }
    let rows = rows ?? 0..<shape[1]
    precondition(rows.lowerBound >= 0 && rows.upperBound <= shape[1], "no such rows")
    let rowBytes = part.byteRange.count / (shape[0] * shape[1])
    var result: [StoredTensor] = []
    for number in 0..<shape[0] {
      let start = part.byteRange.lowerBound + (number * shape[1] + rows.lowerBound) * rowBytes
      let range = start..<start + rows.count * rowBytes
      let matrix = [rows.count, shape[2]]
      if let plain = storage.plain {
        result.append(
          StoredTensor(
            name: name(number), elementType: plain.elementType, shape: matrix, file: part.file,
            byteRange: range))
      } else if let blocks = storage as? QuantizedBlocks {
        result.append(
          StoredTensor(
            name: name(number), shape: matrix,
            storage: QuantizedBlocks(
              type: blocks.type, rowLength: shape[2], part: FilePart(part.file, range))))
      } else {
        return nil
      }
    }
    return result
  }

  /// The rows of this matrix of plain numbers as vectors of their own, which refer to its bytes.
  ///
  /// - Parameter name: What a vector is called, by the row's number.
  /// - Returns: Nil where this is not 1…2^14 rows of at least one plain number.
  package func vectors(named name: (Int) -> String) -> [StoredTensor]? {
    guard shape.count == 2, (1...1 << 14).contains(shape[0]), elementCount > 0,
      let plain = storage.plain
    else { return nil }
    return (0..<shape[0]).map { row in
      StoredTensor(
        name: name(row), elementType: plain.elementType, shape: [shape[1]], file: plain.part.file,
        byteRange: plain.byteRange(ofElements: row * shape[1]..<(row + 1) * shape[1]))
    }
  }

  /// Whether this is the same matrix or vector as another, number by number, whatever type either is stored in.
  ///
  /// False where one is of a type that is not computed with. Reads both, up to the first difference.
  package func hasSameElements(as other: StoredTensor) -> Bool {
    guard shape == other.shape, isComputable, other.isComputable else { return false }
    defer {
      releasePages()
      other.releasePages()
    }
    let height = max(1, (1 << 18) / max(1, rowLength))
    for start in stride(from: 0, to: rowCount, by: height) {
      let rows = start..<min(start + height, rowCount)
      if elements(of: rows) != other.elements(of: rows) { return false }
    }
    return true
  }

  private func elements(of rows: Range<Int>) -> [Double] {
    var result = [Double](repeating: 0, count: rows.count * rowLength)
    var target = result.mutableSpan
    storage.convert(rows: rows, into: &target)
    return result
  }
}
