import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSONField {
    try JSONField(parsing: Array(text.utf8), file: "test.json")
  }

  @Test func keepsEveryKindOfValue() throws {
    let root = try parse(#" {"a": [1, -2.5e3, true, false, null, "x", {}, []], "b": {"c": "d"}} "#)
    let elements = try root["a"].array()
    #expect(try elements[0].int() == 1)
    #expect(try elements[1].double() == -2500)
    #expect(try elements[2].bool() && !elements[3].bool())
    #expect(elements[4].present == nil && elements[5].present != nil)
    #expect(try elements[5].string() == "x")
    #expect(try elements[6].object().members.isEmpty && elements[7].array().isEmpty)
    #expect(try root["b"]["c"].string() == "d")
  }

  @Test func keysAreComparedByBytes() throws {
    let root = try parse(#"{"é": 1, "e\u0301": 2, "\u00e9x": 3, "": 4}"#)
    #expect(try root.object().members.count == 4)
    #expect(try root["\u{e9}"].int() == 1)
    #expect(try root["e\u{301}"].int() == 2)
    #expect(try root[""].int() == 4)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 100, 5000])
  func everyMemberIsFound(count: Int) throws {
    let text = "{" + (0..<count).map { "\"k\($0)\": \($0)" }.joined(separator: ",") + "}"
    let root = try parse(text)
    #expect(try root.object().members.map(\.key) == (0..<count).map { "k\($0)" })
    for index in 0..<count { #expect(try root["k\(index)"].int() == index) }
    #expect(root["k\(count)"].value == nil)
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
    (#""\u0041\u00e9\u20AC\ud83d\ude80\u0000""#, "A\u{e9}€🚀\0"),
    (#""é🚀\u0020""#, "é🚀 "),
  ])
  func resolvesEscapes(text: String, expected: String) throws {
    #expect(try Array(parse(text).string().utf8) == Array(expected.utf8))
  }

  @Test(
    arguments: [
      ("9007199254740993", 9_007_199_254_740_993), ("3.0", 3), ("1e3", 1000), ("-0", 0),
      ("-9223372036854775808", .min), ("3.5", nil), ("1e300", nil), ("9223372036854775808", nil),
    ] as [(String, Int?)])
  func integersAreExact(literal: String, expected: Int?) throws {
    guard case .number(let number)? = try parse(literal).value else {
      Issue.record("not a number")
      return
    }
    #expect(number.literal == literal)
    #expect(number.int == expected)
  }

  @Test(arguments: [
    "", " ", "{", "[", "\"", "nul", "truex", "01", "1.", ".5", "-", "+1", "1e", "[1,]",
    "{\"a\":1,}",
    "{\"a\"}", "{a:1}", "[1 2]", "{} {}", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "NaN", "'a'",
    "\u{feff}1",
    #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #"{"a":1,"a":2}"#, #"{"\u0061":1,"a":2}"#,
    "[1", "{\"a\":1", "\"abc", "\"abc\\", "\"abc\\u00",
  ])
  func refusesWhatIsNotJSON(text: String) {
    let error = #expect(throws: InputError.self) { try parse(text) }
    #expect(error?.kind == .malformed)
    #expect(error?.file == "test.json")
  }

  @Test func refusesInvalidUTF8() {
    #expect(throws: InputError.self) {
      try JSON(parsing: [0x22, 0xff, 0x22], file: "test.json")
    }
    #expect(throws: InputError.self) {
      try JSON(parsing: [0x22, 0xed, 0xa0, 0x80, 0x22], file: "test.json")
    }
  }

  @Test func refusesRepeatedKeysInLargeObjects() {
    let text = "{" + (0..<100).map { "\"k\($0)\": 0," }.joined() + "\"k50\": 0}"
    let error = #expect(throws: InputError.self) { try parse(text) }
    #expect(error?.found == "a second \"k50\"")
  }

  @Test func boundsTheDepth() throws {
    let limit = JSON.maximumDepth
    let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    _ = try parse(nested(limit))
    #expect(throws: InputError.self) { try parse(nested(limit + 1)) }
    #expect(throws: InputError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func errorsNameThePlace() throws {
    let error = #expect(throws: InputError.self) { try parse("{\n\"a\": 1,\n\"b\": x}") }
    #expect(error?.subject == "line 3 (byte 15)")
    #expect(error?.found == "\"x\"")

    let root = try parse(#"{"rope_scaling": {"factor": "8"}, "layers": [1, null]}"#)
    let mistyped = #expect(throws: InputError.self) { try root["rope_scaling"]["factor"].double() }
    #expect(
      mistyped?.description.hasPrefix(
        "test.json: field rope_scaling.factor: expected a number, found the string \"8\"") == true)
    let missing = #expect(throws: InputError.self) { try root["a"]["b"].int() }
    #expect(missing?.kind == .missing && missing?.subject == "field a.b")
    let null = #expect(throws: InputError.self) { try root["layers"].array()[1].int() }
    #expect(null?.subject == "field layers[1]" && null?.found == "null")
  }

  /// Foundation is the second opinion on which mutated texts are JSON; where Secant is stricter on
  /// purpose (repeated keys, lone surrogates) or Foundation laxer, only the absence of a crash shows.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func mutatedTextsThrowOrParse(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let original = Array(
      #"{"a": [1, -2.5e3, true, false, null, "x\u00e9\n\ud83d\ude80é"], "b": {"c": {"d": 0.1}}}"#
        .utf8)
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        let position = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[position] = .random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(bytes[position], at: position)
        default: bytes.removeSubrange(position...)
        }
      }
      guard (try? JSON(parsing: bytes, file: "mutated")) != nil else { continue }
      #expect(throws: Never.self, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))") {
        try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      }
    }
  }
}
