import Foundation
import SecantCheckpoints
import SecantHub
import SecantTestSupport
import Testing

/// Which GGUF file a quantization's name means.
@Suite("Choosing GGUF files")
struct GGUFChoiceTests {
  static let names = [
    "tiny-Q2_K.gguf", "tiny-Q4_K_M.gguf", "tiny-UD-Q6_K.gguf", "tiny.f16.gguf", "mmproj-F16.gguf",
    "Q8_0/tiny-Q8_0-00001-of-00002.gguf", "Q8_0/tiny-Q8_0-00002-of-00002.gguf",
    "tiny-IQ4_XS-00001-of-00003.gguf", "tiny-IQ4_XS-00003-of-00003.gguf", "imatrix.gguf",
    "README.md",
  ]

  private func choose(_ text: String, among names: [String] = Self.names) throws -> [String] {
    try GGUFSelection(names).model(try #require(HubGGUF(text))).files
  }

  @Test(arguments: [
    ("org/tiny:Q4_K_M", ["tiny-Q4_K_M.gguf"]), ("org/tiny:q4_k_m", ["tiny-Q4_K_M.gguf"]),
    ("org/tiny", ["tiny-Q4_K_M.gguf"]), ("org/tiny:F16", ["tiny.f16.gguf"]),
    ("org/tiny:UD-Q6_K", ["tiny-UD-Q6_K.gguf"]), ("org/tiny:tiny-Q2_K.gguf", ["tiny-Q2_K.gguf"]),
    (
      "org/tiny:Q8_0",
      ["Q8_0/tiny-Q8_0-00001-of-00002.gguf", "Q8_0/tiny-Q8_0-00002-of-00002.gguf"]
    ),
  ])
  func findsTheOneThatIsMeant(name: String, files: [String]) throws {
    #expect(try choose(name) == files)
  }

  @Test func takesTheOnlyOne() throws {
    #expect(try choose("org/tiny", among: ["model.gguf", "x.md"]) == ["model.gguf"])
  }

  @Test func nothingIsGuessed() throws {
    let missing = #expect(throws: InputError.self) { try choose("org/tiny:Q3_K_S") }
    #expect(missing?.kind == .missing)
    for name in ["Q2_K", "Q4_K_M", "UD-Q6_K", "f16", "Q8_0", "IQ4_XS"] {
      #expect(missing?.found.contains(name) == true, "\(name)")
    }
    let several = #expect(throws: InputError.self) {
      try choose("org/tiny:Q4_K_M", among: ["a-Q4_K_M.gguf", "b-Q4_K_M.gguf"])
    }
    #expect(several?.kind == .invalid && several?.found == "a-Q4_K_M, b-Q4_K_M")
    let partial = #expect(throws: InputError.self) { try choose("org/tiny:IQ4_XS") }
    #expect(partial?.kind == .missing)
    let none = #expect(throws: InputError.self) { try choose("org/tiny", among: ["README.md"]) }
    #expect(none?.kind == .missing)
  }

  @Test func allPartsAreDownloadedOnce() throws {
    var files: [String: Data] = [:]
    for name in Self.names { files[name] = Data(name.utf8) }
    var test = try TestHub(files: files)
    let reference = try #require(HubGGUF("\(TestHub.repository):Q8_0"))
    let file = try test.hub.ggufFile(of: reference)
    #expect(file.lastPathComponent == "tiny-Q8_0-00001-of-00002.gguf")
    let second = file.deletingLastPathComponent().appending(path: "tiny-Q8_0-00002-of-00002.gguf")
    #expect(try Data(contentsOf: second) == Data("Q8_0/tiny-Q8_0-00002-of-00002.gguf".utf8))
    test.environment.isOffline = true
    #expect(try test.hub.ggufFile(of: reference) == file)
    let models = test.hub.cache.models()
    #expect(models.map(\.name) == ["\(TestHub.repository):Q8_0"])
    #expect(models.first?.url == file && models.first?.revisions == ["main"])
  }
}
