import SecantDigests
import Testing

/// Digests against the examples of FIPS 180-4, and against themselves in parts.
@Suite struct DigestTests {
  private func digest(_ algorithm: Digest.Algorithm, of parts: [String]) -> String {
    var digest = Digest(algorithm)
    for part in parts { digest.update(part) }
    return digest.hexadecimal
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256(text: String, expected: String) {
    #expect(digest(.sha256, of: [text]) == expected)
  }

  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
  ])
  func sha1(text: String, expected: String) {
    #expect(digest(.sha1, of: [text]) == expected)
  }

  /// Where the parts are cut does not matter, and asking in between changes nothing.
  @Test(arguments: [Digest.Algorithm.sha256, .sha1])
  func partsMakeTheWhole(algorithm: Digest.Algorithm) {
    let text = String(repeating: "The bridge out of Marin is the ", count: 500)
    let whole = digest(algorithm, of: [text])
    var inParts = Digest(algorithm)
    var rest = text[...]
    for length in [1, 63, 64, 65, 1000, text.count] {
      inParts.update(String(rest.prefix(length)))
      _ = inParts.hexadecimal
      rest = rest.dropFirst(length)
    }
    #expect(rest.isEmpty && inParts.hexadecimal == whole)
  }
}
