import Foundation
import Secant
import SecantTestSupport
import Testing

/// A steered forward pass, as PyTorch computed it by the formulas themselves; `Tools/fixtures` says how.
struct SteeringReference: Sendable, CustomTestStringConvertible {
  let name: String
  var testDescription: String { name }

  static let all = ["llama-gqa-5-1", "llama-biases", "gemma2-old", "qwen3-moe", "olmo2-plain"]
    .map(SteeringReference.init)
  static let strengths: [(SteeringMode, [String])] = [
    (.add, ["0.5", "2.0"]), (.mix, ["0.3", "1.0"]),
  ]

  var fixture: Fixture { Fixture(name: name) }

  private func tensor(_ part: String) throws -> StoredTensor {
    let folder = Fixture(name: "steering").folder
    let file = try SafetensorsFile(at: folder.appending(path: "reference.safetensors"))
    return try #require(file.tensor(named: "\(name).\(part)"), "no \(name).\(part)")
  }

  func values(_ part: String) throws -> [Double] { try tensor(part).values(as: Double.self) }

  func integers(_ part: String) throws -> [Int] {
    try tensor(part).withBytes { bytes in
      (0..<bytes.count / 8).map { index in
        (0..<8).reduce(0) { $0 | Int(bytes[index * 8 + $1]) << (8 * $1) }
      }
    }
  }

  func steering<S: Scalar>(_ model: Model<S>) throws -> SteeringOperator<S> {
    try model.steeringOperator(
      for: .tokens(try integers("phrase")), after: try integers("block")[0])
  }
}

/// Steering operators against references, and their laws.
@Suite struct SteeringTests {
  /// Relative to a float64 reference of a forward pass, as for streams elsewhere.
  private static func bound<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 1e-4 : 1e-11 }

  private func logits<S: Scalar>(
    _ model: Model<S>, _ text: [Int], _ steering: Steering<S>, oneByOne: Bool = false
  ) throws -> [S] {
    var cache = KeyValueCache<S>(model.decoder.configuration)
    let parts = oneByOne ? text.map { [$0] } : [text]
    return try parts.flatMap { part in
      let output = try model.decoder.forward(
        part, cache: &cache, intervention: steering.intervention)
      return model.decoder.unembedding.logits(output).elements
    }
  }

  @Test(arguments: SteeringReference.all)
  func theFormulasAreThoseOfTheReference(_ reference: SteeringReference) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let model = try reference.fixture.model(S.self)
      let exact = try reference.steering(model)
      let d = exact.width
      let jacobian = try reference.values("jacobian")
      let rows = exact.formed().map.apply(.identity(exact.tokenCount * d))
      // [T·d, d], by token and input, against [T, d, d], by token, output and input.
      let turned = Matrix<S>(rows: rows.rows, columns: d) { r, c in
        rows[r / d * d + c, r % d]
      }
      #expect(relativeError(turned.elements, jacobian) < Self.bound(S.self))
      let text = try reference.integers("text")
      for (mode, strengths) in SteeringReference.strengths {
        for strength in strengths {
          let expected = try reference.values("\(mode.rawValue).\(strength)")
          let steering = Steering(exact, mode: mode, strength: Double(strength) ?? .nan)
          for oneByOne in [false, true] {
            let actual = try logits(model, text, steering, oneByOne: oneByOne)
            #expect(relativeError(actual, expected) < Self.bound(S.self), "\(mode) \(strength)")
          }
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: SteeringReference.all, SteeringMode.allCases)
  func strengthZeroIsTheModelItself(
    _ reference: SteeringReference, _ mode: SteeringMode
  ) throws {
    let model = try reference.fixture.model(Float.self)
    let steering = Steering(try reference.steering(model), mode: mode, strength: 0)
    let prompt = try reference.integers("text")
    var cache = KeyValueCache<Float>(model.decoder.configuration)
    let plain = try model.decoder.unembedding.logits(model.decoder.forward(prompt, cache: &cache))
    #expect(try logits(model, prompt, steering) == plain.elements)
    for sampling in [Sampling.greedy, .random(temperature: 1.5, topP: 0.9, seed: 3)] {
      let texts = try [nil, steering.intervention].map {
        try model.decoder.generate(
          after: prompt, count: 12, sampling: sampling, intervention: $0)
      }
      #expect(texts[0] == texts[1])
    }
  }

  /// Mixed in whole, the phrase's own operator gives the phrase's own stream at its last position.
  @Test func thePhraseIsAFixedPointOfMixing() throws {
    let reference = SteeringReference(name: "llama-gqa-5-1")
    let model = try reference.fixture.model(Double.self)
    let exact = try reference.steering(model)
    let (phrase, vocabulary) = (exact.tokens, model.decoder.configuration.vocabularySize)
    var cache = KeyValueCache<Double>(model.decoder.configuration)
    let plain = try model.decoder.unembedding.logits(model.decoder.forward(phrase, cache: &cache))
    let last = plain.elements.count - vocabulary
    // After the last block no position looks at another any more.
    let final = try model.steeringOperator(
      for: .tokens(phrase), after: model.decoder.blocks.count - 1)
    let mixed = try logits(model, phrase, Steering(final, mode: .mix, strength: 1))
    #expect(relativeError(Array(mixed[last...]), Array(plain.elements[last...])) < 1e-12)
  }

  /// A low-rank operator of all triplets is the full one, and energies add up.
  @Test(arguments: [SVDMethod.dense(), .krylov(KrylovSVD(tolerance: 1e-10))])
  func fullRankIsFull(method: SVDMethod) throws {
    let reference = SteeringReference(name: "llama-gqa-5-1")
    let model = try reference.fixture.model(Double.self)
    let exact = try reference.steering(model)
    let whole = try exact.truncated(rank: exact.width + 5, using: method)
    let x = Matrix<Double>.identity(exact.tokenCount * exact.width)
    let (full, all) = (exact.formed().map.apply(x), whole.map.apply(x))
    #expect(relativeError(all.elements, full.elements) < 1e-8)
    #expect(relativeError(exact.map.apply(x).elements, full.elements) < 1e-12)
    guard case .lowRank(let triplets, let kept) = whole.form else {
      Issue.record("not truncated")
      return
    }
    #expect(kept.rank == exact.width && abs(kept.energyKept - 1) < 1e-8)
    // The energy that r triplets keep is what they leave of the error.
    let part = try exact.truncated(rank: 3, using: method)
    guard case .lowRank(let leading, let energy) = part.form else { return }
    #expect(leading.rank == 3 && triplets.rank == exact.width)
    let error = (part.map.apply(x) - full).norm / full.norm
    #expect(abs(1 - energy.energyKept - error * error) < max(1e-8, 4 * energy.energyError))
  }
}

/// Files of steering operators: what is written is read, and nothing else is taken.
@Suite struct SteeringFileTests {
  private let reference = SteeringReference(name: "llama-gqa-5-1")

  private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  @Test func operatorsRoundTrip() throws {
    func check<S: Scalar>(_: S.Type) throws {
      let folder = try folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let model = try reference.fixture.model(S.self)
      let exact = try reference.steering(model)
      let x = Matrix<S>.identity(exact.tokenCount * exact.width)
      for steering in [exact, exact.formed(), try exact.truncated(rank: 4)] {
        let url = folder.appending(path: "J.safetensors")
        try steering.write(to: url, commandLine: ["secant"])
        let read = try SteeringOperator<S>(at: url)
        try read.check(against: model)
        #expect(read.tokens == steering.tokens && read.block == steering.block)
        #expect(read.text == nil && read.rule == .up && read.precision == S.precisionName)
        // An operator that was not formed is read as its matrix, by products in other batches.
        let (a, b) = (steering.map.apply(x), read.map.apply(x))
        if case .exact = steering.form {
          #expect((a - b).norm <= (S.self == Float.self ? 1e-5 : 1e-13) * a.norm)
        } else {
          #expect(a == b)
        }
        if case .lowRank(_, let written) = steering.form, case .lowRank(_, let found) = read.form {
          #expect(written == found)
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func anotherModelIsRefusedInOneLine() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "J.safetensors")
    let steering = try reference.steering(try reference.fixture.model(Float.self))
    try steering.write(to: url)
    let read = try SteeringOperator<Float>(at: url)
    for name in ["llama-plain", "llama-gqa-6-2", "qwen3-old"] {
      let other = try Fixture(name: name).model(Float.self)
      let error = try #require(throws: InputError.self) {
        try other.steer(.tokens([1, 2]), by: read, strength: 1)
      }
      #expect(error.kind == .mismatched)
      #expect(error.description.contains("the steering operator: expected one of \(name)"))
      #expect(!error.description.contains("\n"))
    }
  }

  /// Whatever is wrong is an error of the input; a file that was cut or altered is never taken for another.
  @Test func damagedFilesAreRefused() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "J.safetensors")
    let exact = try reference.steering(try reference.fixture.model(Float.self))
    for steering in [exact, try exact.truncated(rank: 3)] {
      try steering.write(to: url)
      let bytes = try Data(contentsOf: url)
      let text = String(decoding: bytes.prefix(1500), as: UTF8.self)
      var edits: [(String, String)] = [
        ("secant.steering-operator", "secant.steering-operatoX"),
        ("\"version\":\"1\"", "\"version\":\"2\""),
        ("\"gate\":\"up\"", "\"gate\":\"op\""),
        ("\"reading\":\"stream\"", "\"reading\":\"output\""),
        ("\"precision\":\"f32\"", "\"precision\":\"f3x\""), ("\"block\":\"1\"", "\"block\":\"x\""),
        ("fingerprint", "fingerprinX"), ("\"tokens\":", "\"tokenX\":"),
      ]
      if case .lowRank = steering.form {
        edits += [
          ("\"left\":", "\"lefX\":"), ("energyKept", "energyKepX"),
        ]
      } else {
        edits += [("\"jacobian\":", "\"jacobiaX\":")]
      }
      for (old, new) in edits {
        #expect(text.contains(old), "\(old)")
        let range = try #require(bytes.range(of: Data(old.utf8)))
        let altered = bytes.replacingCharacters(range, Data(new.utf8))
        try altered.write(to: url)
        #expect(throws: InputError.self, "\(new)") { try SteeringOperator<Float>(at: url) }
      }
      for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
        try bytes.prefix(count).write(to: url)
        #expect(throws: InputError.self, "\(count) bytes") { try SteeringOperator<Float>(at: url) }
      }
      // A number that is none.
      var wrong = bytes
      wrong.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xc0, 0x7f])
      try wrong.write(to: url)
      #expect(throws: InputError.self) { try SteeringOperator<Float>(at: url) }
    }
    #expect(throws: InputError.self) {
      try SteeringOperator<Float>(at: Fixture.plain.folder.appending(path: "model.safetensors"))
    }
  }

  /// Random bytes anywhere in the header: an error or an operator, never a crash.
  @Test(arguments: 0..<40 as Range<UInt64>) func strangeHeadersDoNoHarm(seed: UInt64) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "J.safetensors")
    let exact = try reference.steering(try reference.fixture.model(Float.self))
    try exact.truncated(rank: 2).write(to: url)
    var bytes = try Data(contentsOf: url)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<3 {
      bytes[Int.random(in: 0..<1400, using: &generator)] = UInt8.random(
        in: 0x20...0x7e, using: &generator)
    }
    try bytes.write(to: url)
    do {
      let read = try SteeringOperator<Float>(at: url)
      try read.check(against: reference.fixture.model(Float.self))
    } catch is InputError {}
  }
}

extension Data {
  fileprivate func replacingCharacters(_ range: Range<Int>, _ new: Data) -> Data {
    var result = self
    result.replaceSubrange(range, with: new)
    return result
  }
}
