/// A matrix whose rows are columns of a stored one: all of them, or every n-th.
///
/// Row r is column `first + n·r`. Source of the layouts: OpenAI's GPT-2, whose projections are
/// `[input, output]`, and gpt-oss, where the outputs of two projections alternate.
struct TransposedElements: TensorStorage {
  /// The stored matrix, of plain numbers.
  let base: PlainElements
  /// Rows of the stored matrix: the elements of one row of this one.
  let rowLength: Int
  /// The first column.
  var first = 0
  /// n: the distance of successive columns.
  var step = 1

  var format: String { base.format }
  var parts: [FilePart] { base.parts }
  var isComputable: Bool { base.isComputable }

  /// The stored matrix, where all its columns are rows here.
  func transposed(rowCount: Int) -> (any TensorStorage)? {
    step == 1 && base.rowLength == rowCount ? base : nil
  }

  /// Stored rows that are read at a time, so that what they are written to stays in cache.
  private static var band: Int { 16 }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    guard !rows.isEmpty else { return }
    let stored = first + step * rows.lowerBound..<first + step * (rows.upperBound - 1) + 1
    var values = [Scalar](repeating: 0, count: Self.band * stored.count)
    for start in stride(from: 0, to: rowLength, by: Self.band) {
      let columns = start..<min(start + Self.band, rowLength)
      var span = values.mutableSpan
      for (index, column) in columns.enumerated() {
        let start = column * base.rowLength
        let row = PlainElements(
          elementType: base.elementType, rowLength: stored.count,
          part: FilePart(
            base.part.file,
            base.byteRange(ofElements: start + stored.lowerBound..<start + stored.upperBound)))
        span.withPart(index * stored.count..<(index + 1) * stored.count) {
          row.convert(rows: 0..<1, into: &$0)
        }
      }
      for row in 0..<rows.count {
        for index in 0..<columns.count {
          target[row * rowLength + start + index] = span[index * stored.count + step * row]
        }
      }
    }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    // As large a part of the stored rows, which are read in the order in which they lie. Of several
    // such elements another one than the first may be named.
    let start = rows.lowerBound * rowLength * step / base.rowLength
    let stored = start..<rows.upperBound * rowLength * step / base.rowLength
    return base.firstNonFiniteIndex(inRows: stored).map { index in
      max(0, index % base.rowLength - first) / step * rowLength + index / base.rowLength
    }
  }
}

/// The rows of one of several projections that a tensor holds head by head.
///
/// A head has some rows of each projection, one projection after the other. Source of the layout:
/// Black et al., "GPT-NeoX-20B" (2022), as its published checkpoints have it.
struct HeadwiseRows: DerivedStorage {
  private(set) var base: any TensorStorage
  /// w: rows of one head in this projection.
  let headWidth: Int
  /// Rows of one head in all projections together.
  let stride: Int
  /// The first row of this projection in a head.
  let first: Int
  /// Elements of one row.
  let rowLength: Int

  var adaptation: (base: any TensorStorage, change: any TensorStorage)? {
    base.adaptation.map { (rows(of: $0), rows(of: $1)) }
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    for (offset, stored) in runs(of: rows) {
      target.withPart(offset * rowLength..<(offset + stored.count) * rowLength) {
        base.convert(rows: stored, into: &$0)
      }
    }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    for (offset, stored) in runs(of: rows) {
      guard let index = base.firstNonFiniteIndex(inRows: stored) else { continue }
      // A number may share its scale with earlier rows.
      return max(0, index - stored.lowerBound * rowLength) + (rows.lowerBound + offset) * rowLength
    }
    return nil
  }

  /// The same rows of another tensor.
  private func rows(of other: any TensorStorage) -> HeadwiseRows {
    var result = self
    result.base = other
    return result
  }

  /// The successive stored rows of some rows, with the index of the first of each among these.
  private func runs(of rows: Range<Int>) -> [(offset: Int, stored: Range<Int>)] {
    var result: [(offset: Int, stored: Range<Int>)] = []
    var row = rows.lowerBound
    while row < rows.upperBound {
      let (head, place) = row.quotientAndRemainder(dividingBy: headWidth)
      let length = min(headWidth - place, rows.upperBound - row)
      let start = head * stride + first + place
      result.append((row - rows.lowerBound, start..<start + length))
      row += length
    }
    return result
  }
}

/// An order of rows, or of columns, in which two axes are swapped.
///
/// From ``start`` on, blocks of a·b·unit places follow one another. What belongs at place
/// `(i·b + j)·unit + u` of a block, with i < a and j < b, is stored at its place `(j·a + i)·unit + u`.
struct SwappedAxes: Sendable {
  /// The number of places before the first block, which stay.
  var start = 0
  /// a: the extent of the slower axis.
  let outer: Int
  /// b: the extent of the faster axis.
  let inner: Int
  /// The number of neighbours that stay together.
  var unit = 1

  /// The opposite order.
  var inverse: SwappedAxes { SwappedAxes(start: start, outer: inner, inner: outer, unit: unit) }

  /// The place where a file has what belongs at this one.
  func stored(_ place: Int) -> Int {
    guard place >= start else { return place }
    let (group, member) = ((place - start) / unit, (place - start) % unit)
    let (block, index) = group.quotientAndRemainder(dividingBy: outer * inner)
    let (i, j) = index.quotientAndRemainder(dividingBy: inner)
    return start + (block * outer * inner + j * outer + i) * unit + member
  }

  /// Whether so many places are whole blocks.
  func fits(_ count: Int) -> Bool {
    count > start && (count - start).isMultiple(of: outer * inner * unit)
  }
}

/// Rows that a file holds in another order.
///
/// Component i of a head of width w is paired with component i + w/2 in Hugging Face's order, and with its
/// neighbour in that of llama.cpp's `llama` architecture: there the halves and the pairs of a head are
/// swapped. In its files of Qwen 3.5, the value heads of a delta network and the key heads that they
/// share are.
struct RearrangedRows: DerivedStorage {
  let base: any TensorStorage
  /// The order, which fits the number of rows.
  let order: SwappedAxes
  /// Elements of one row.
  let rowLength: Int

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    for (offset, row) in rows.enumerated() {
      let place = order.stored(row)
      target.withPart(offset * rowLength..<(offset + 1) * rowLength) {
        base.convert(rows: place..<place + 1, into: &$0)
      }
    }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    // Of several such elements another one than the first may be named.
    base.firstNonFiniteIndex(inRows: rows).map { index in
      order.inverse.stored(index / rowLength) * rowLength + index % rowLength
    }
  }
}

/// Columns that a file holds in another order.
struct RearrangedColumns: DerivedStorage {
  let base: any TensorStorage
  /// The order, which fits the number of columns.
  let order: SwappedAxes
  /// Elements of one row.
  let rowLength: Int

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    base.convert(rows: rows, into: &target)
    let places = (0..<rowLength).map(order.stored)
    var stored = [Scalar](repeating: 0, count: rowLength)
    for start in stride(from: 0, to: rows.count * rowLength, by: rowLength) {
      for column in 0..<rowLength { stored[column] = target[start + column] }
      for column in 0..<rowLength { target[start + column] = stored[places[column]] }
    }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    base.firstNonFiniteIndex(inRows: rows).map { index in
      index / rowLength * rowLength + order.inverse.stored(index % rowLength)
    }
  }
}

extension StoredTensor {
  /// The same numbers in another shape of as many, row after row.
  package func reshaped(_ shape: [Int]) -> StoredTensor {
    precondition(shape.reduce(1, *) == elementCount && shape.first == self.shape.first)
    return StoredTensor(name: name, shape: shape, storage: storage)
  }

  /// The numbers of which these are the sums with a constant.
  package func without(constant: Double) -> StoredTensor {
    StoredTensor(
      name: name, shape: shape, storage: ShiftedElements(base: storage, constant: constant))
  }

  /// The matrix whose rows are this one's columns, under the same name, adapted as this one is; nil if this is
  /// not a matrix of plain numbers.
  package var transposed: StoredTensor? {
    guard shape.count == 2, let storage = storage.transposed(rowCount: shape[0]) else { return nil }
    return StoredTensor(name: name, shape: [shape[1], shape[0]], storage: storage)
  }

  /// The projections whose outputs are in turn the columns of this matrix, each as `[output, input]`.
  ///
  /// - Parameter names: Their names, in the order of the columns.
  /// - Returns: One tensor for each name; nil if this is not a matrix of plain numbers with as many columns
  ///   for each.
  package func transposedParts(named names: [String]) -> [StoredTensor]? {
    guard shape.count == 2, let plain = storage.plain, shape[1].isMultiple(of: names.count) else {
      return nil
    }
    return names.enumerated().map { index, name in
      StoredTensor(
        name: name, shape: [shape[1] / names.count, shape[0]],
        storage: TransposedElements(
          base: plain, rowLength: shape[0], first: index, step: names.count))
    }
  }

  /// The projections that this tensor holds head by head, each by itself.
  ///
  /// - Parameters:
  ///   - names: Their names, in the order in which each head has them.
  ///   - heads: The number of heads.
  ///   - widths: The rows that a head has of each; by default as many of all.
  /// - Returns: One tensor for each name; nil if the rows are not as many for each head, or not those
  ///   of the widths.
  package func headwiseParts(
    named names: [String], heads: Int, widths: [Int]? = nil
  ) -> [StoredTensor]? {
    guard (1...2).contains(shape.count), rowCount > 0, rowCount.isMultiple(of: heads) else {
      return nil
    }
    let stride = rowCount / heads
    if widths == nil, !stride.isMultiple(of: names.count) { return nil }
    let widths = widths ?? names.map { _ in stride / names.count }
    guard widths.reduce(0, +) == stride, widths.allSatisfy({ $0 > 0 }) else { return nil }
    var first = 0
    return zip(names, widths).map { name, width in
      defer { first += width }
      return StoredTensor(
        name: name, shape: [heads * width] + shape.dropFirst(),
        storage: HeadwiseRows(
          base: storage, headWidth: width, stride: stride, first: first, rowLength: rowLength))
    }
  }
}
