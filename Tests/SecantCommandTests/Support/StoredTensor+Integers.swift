import Secant

extension StoredTensor {
  /// The elements of a tensor of type I64.
  var integers: [Int] {
    withBytes { bytes in
      (0..<elementCount).map { index in
        (0..<8).reduce(0) { $0 | Int(bytes[8 * index + $1]) << (8 * $1) }
      }
    }
  }
}
