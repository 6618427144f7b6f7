import CDigests

/// A digest in the making: of the bytes that it was given, in their order.
package struct Digest: Sendable {
  /// Which digest.
  package enum Algorithm: Sendable {
    /// 32 bytes.
    case sha256
    /// 20 bytes. No proof against someone who wants two contents to have one digest; git names blobs by it.
    case sha1
  }

  private enum State: Sendable {
    case sha256(secant_sha256)
    case sha1(secant_sha1)
  }

  private var state: State

  /// The digest of nothing yet.
  package init(_ algorithm: Algorithm) {
    state =
      switch algorithm {
      case .sha256: .sha256(secant_sha256_start())
      case .sha1: .sha1(secant_sha1_start())
      }
  }

  /// Adds bytes.
  package mutating func update(_ bytes: Span<UInt8>) {
    // The library reads `count` bytes from the address, both of the span, and keeps neither.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      let count = UInt(buffer.count)
      switch state {
      case .sha256(var own):
        unsafe secant_sha256_update(&own, buffer.baseAddress, count)
        state = .sha256(own)
      case .sha1(var own):
        unsafe secant_sha1_update(&own, buffer.baseAddress, count)
        state = .sha1(own)
      }
    }
  }

  /// Adds a text as UTF-8.
  package mutating func update(_ text: String) {
    let bytes = Array(text.utf8)
    update(bytes.span)
  }

  /// The digest of all bytes so far, in hexadecimal digits; more may be added afterwards.
  package var hexadecimal: String {
    bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
  }

  /// The digest of all bytes so far; more may be added afterwards.
  package var bytes: [UInt8] {
    let bytes: [UInt8]
    switch state {
    case .sha256(var own):
      // The library writes as many bytes as the array has.
      unsafe bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
        unsafe secant_sha256_finish(&own, buffer.baseAddress)
        count = 32
      }
    case .sha1(var own):
      unsafe bytes = [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
        unsafe secant_sha1_finish(&own, buffer.baseAddress)
        count = 20
      }
    }
    return bytes
  }
}
