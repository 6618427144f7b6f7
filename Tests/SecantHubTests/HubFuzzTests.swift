import Foundation
import SecantCheckpoints
import SecantHub
import SecantTestSupport
import Testing

/// Answers that nobody meant: each is read or refused, none does harm.
///
/// It does not prove that the operating system's own HTTP library is free of faults.
@Suite("Damaged answers")
struct HubFuzzTests {
  private static let listing = Array(
    #"""
    {"_id":"1","id":"org/tiny","sha":"\#(FakeHub.commit)","lastModified":"2026-01-01",
    "siblings":[{"rfilename":"config.json"},{"rfilename":"a/b-Q4_K_M-00001-of-00002.gguf"},
    {"rfilename":"model-00001-of-00003.safetensors","size":123}],"tags":["é","x"],"gated":false}
    """#.utf8)

  private static func mutate(_ bytes: inout [UInt8], with generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
      let place = bytes.indices.randomElement(using: &generator) ?? 0
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[place] = .random(in: .min ... .max, using: &generator)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert("{}[]\",:\\/.0-e".utf8.randomElement(using: &generator) ?? 0, at: place)
      case 3: bytes.removeSubrange(place...)
      default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
      }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>) func listingsAreReadOrRefused(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var readCount = 0
    for _ in 0..<1000 {
      var bytes = Self.listing
      Self.mutate(&bytes, with: &generator)
      guard let listing = try? HubListing(parsing: bytes, file: "x") else { continue }
      readCount += 1
      #expect(listing.files.allSatisfy(HubListing.isSafe), "seed \(seed)")
      #expect(listing.commit.utf8.count == 40, "seed \(seed)")
      for model in GGUFSelection(listing.files).models {
        #expect(model.files.allSatisfy(listing.files.contains), "seed \(seed)")
      }
    }
    // Else the mutations would be too coarse to reach what comes after the parser.
    #expect(readCount > 10, "seed \(seed)")
  }

  /// Whole answers, headers too, over a connection.
  @Test(arguments: 0..<3 as Range<UInt64>) func conversationsEnd(seed: UInt64) throws {
    let test = try TestHub { request, count, answer in
      var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(count))
      guard Int.random(in: 0..<3, using: &generator) == 0 else { return }
      var text = "HTTP/1.1 \(answer.status) Status\r\nConnection: close\r\n"
      for (name, value) in answer.fields.sorted(by: { $0.key < $1.key }) {
        text += "\(name): \(value)\r\n"
      }
      text += "Content-Length: \(answer.body.count)\r\n\r\n"
      var bytes = Array(text.utf8)
      if request.method != "HEAD" { bytes += answer.body.prefix(5000) }
      Self.mutate(&bytes, with: &generator)
      answer.raw = Data(bytes)
    }
    var patient = test
    patient.environment.patience.attempts = 2
    patient.environment.patience.idleLimit = .seconds(2)
    for _ in 0..<20 {
      if let folder = try? patient.hub.folder(of: TestHub.model) {
        #expect(try test.hasWeights(folder), "seed \(seed)")
      }
      #expect(test.hasOnlyRightBlobs, "seed \(seed)")
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func namesAreReadOrRefused(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      var bytes = Array("org/name@refs/pr/1:Q4_K_M".utf8)
      Self.mutate(&bytes, with: &generator)
      let text = String(decoding: bytes, as: UTF8.self)
      for model in [HubModelID(text), HubGGUF(text)?.model].compactMap({ $0 }) {
        #expect(!model.repository.contains(".."), "seed \(seed)")
        #expect(!model.revision.contains(".."), "seed \(seed)")
        #expect(model.repository.split(separator: "/").count == 2, "seed \(seed)")
      }
    }
  }
}
