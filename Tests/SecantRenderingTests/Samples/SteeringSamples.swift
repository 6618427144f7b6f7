import Foundation
import SecantRendering
import SecantReports
import Testing

extension Sample {
  static let steeringDescription = SteeringDescription(
    text: "The Golden Gate",
    tokens: [(0, "<s>"), (12, "The"), (460, " Golden"), (443, " Gate")].map {
      .init(id: $0, text: $1)
    },
    block: 1, width: 192, gateRule: "up", precision: "f32", form: "low-rank",
    truncation: .init(rank: 32, energyKept: 0.953, energyError: 0.002, residual: 1.3e-6))

  static let steeringSetting = SteeringSetting(
    secantVersion: "0.1.0", model: model, precision: "f32", steeringOperator: steeringDescription,
    mode: "add", promptText: "They walked to the",
    promptTokens: [.init(id: 0, text: "<s>"), .init(id: 9, text: "They")],
    concept: [.init(id: 460, text: " Golden"), .init(id: 443, text: " Gate")],
    sampling: .init(temperature: 0.8, topP: 0.95, seed: 7),
    commandLine: ["secant", "steer", "run", "bridge.safetensors", "They walked to the"])

  static func trial(_ text: String, _ effect: Double, _ damage: Double) -> SteeringTrial {
    SteeringTrial(
      text: text, tokens: [.init(id: 1, text: text)], conceptProbability: effect,
      conceptShare: effect / 3, containsConcept: text.contains("Golden Gate"),
      perplexity: 1 + 2 * damage, divergence: damage)
  }

  static let steering = SteeringReport(
    setting: steeringSetting, strength: 0.75,
    unsteered: trial(" Great Wall, which is a wall.", 0.0042, 0),
    steered: trial(
      " Golden Gate Bridge, which is a suspension bridge between Marin and San Francisco.",
      0.0857, 0.731))

  static let sweep = SteeringSweepReport(
    setting: steeringSetting, unsteered: trial(" Great Wall, which is a wall.", 0.0042, 0),
    points: [1, 2].flatMap { block in
      SteeringSweepReport.Method.allCases.flatMap { method in
        [0.25, 1, 2].map { strength in
          let effect = strength * (method == .jacobian ? 0.09 : 0.03) / Double(block)
          return .init(
            block: block, method: method, strength: strength,
            trial: trial(
              effect < 0.05
                ? " Grand Palace, which is a palace." : " Golden Gate Bridge, which is a bridge.",
              effect, strength * strength / 3))
        }
      }
    }, notes: ["After block 1 the operator is the one given; after the others it is exact."])

  static let steeringVector = SteeringVectorReport(
    secantVersion: "0.1.0", model: model, precision: "f32",
    direction: .init(
      kind: "left-vector", block: 4, prompt: "The Golden Gate",
      promptTokens: steeringDescription.tokens, position: 2, triplet: 1, gateRule: "up",
      length: 12.5,
      writes: [" Golden", " Gate", " bridge"].enumerated().map {
        .init(id: $0, text: $1, score: 2 - Double($0))
      }), strength: 1.5, promptText: "They walked to the",
    promptTokens: steeringSetting.promptTokens, concept: steeringSetting.concept, sampling: nil,
    unsteered: trial(" Great Wall, which is a wall.", 0.0042, 0),
    steered: trial(" Golden Gate Bridge, which is a suspension bridge.", 0.0857, 0.731))

  static let steeringOperator = SteeringOperatorReport(
    secantVersion: "0.1.0", model: model, steeringOperator: steeringDescription, fileBytes: 123_936)
}

extension Hostile {
  /// A report whose texts are one of the list, and whose numbers come from the other.
  static func steering(_ index: Int) -> SteeringReport {
    SteeringReport(
      setting: setting(index), strength: numbers[index % numbers.count], unsteered: trial(index),
      steered: trial(index + 1))
  }

  static func sweep(_ index: Int) -> SteeringSweepReport {
    SteeringSweepReport(
      setting: setting(index), unsteered: trial(index),
      points: (0..<index % 7).map { k in
        .init(
          block: k % 2 == 0 ? .max : .min, method: k % 3 == 0 ? .difference : .jacobian,
          strength: numbers[(index + k) % numbers.count], trial: trial(index + k))
      }, notes: [texts[index % texts.count]])
  }

  private static func setting(_ index: Int) -> SteeringSetting {
    let text = texts[index % texts.count]
    let token = SteeringToken(id: .max, text: text)
    return SteeringSetting(
      secantVersion: text,
      model: ModelIdentity(
        name: text, fingerprint: text, architecture: text, parameterCount: .max, elementTypes: []),
      precision: text,
      steeringOperator: SteeringDescription(
        text: index % 2 == 0 ? text : nil, tokens: [token], block: .max, width: .max,
        gateRule: text, precision: text, form: text, truncation: nil),
      mode: text, promptText: index % 3 == 0 ? text : nil, promptTokens: [token],
      concept: index % 5 == 0 ? [] : [token],
      sampling: .init(
        temperature: numbers[index % numbers.count], topP: numbers[(index + 3) % numbers.count],
        seed: .max))
  }

  private static func trial(_ index: Int) -> SteeringTrial {
    let text = texts[index % texts.count]
    func number(_ offset: Int) -> Double? {
      (index + offset) % 4 == 0 ? nil : numbers[(index + offset) % numbers.count]
    }
    return SteeringTrial(
      text: text, tokens: [], conceptProbability: number(0), conceptShare: number(1),
      containsConcept: index % 2 == 0, perplexity: number(2), divergence: number(3))
  }
}

/// What holds for the picture of every sweep; that it is legible is for looking.
struct SteeringPlotTests {
  @Test(arguments: Hostile.texts.indices) func hostileTextStaysText(index: Int) {
    let picture = MarkupReader(Hostile.sweep(index).effectFigure.svg())
    #expect(picture.error == nil, "\(index)")
    #expect(picture.elements.allSatisfy { $0.name != "script" && $0.name != "a" })
    #expect(!picture.attributeValues.contains { $0.contains("nan") || $0.contains("inf") })
  }

  @Test func everyTrialHasItsMark() {
    let picture = MarkupReader(Sample.sweep.effectFigure.svg())
    #expect(picture.error == nil)
    // Six trials of the operator and the mark of its legend.
    #expect(picture.elements.filter { $0.name == "circle" }.count == 7)
    #expect(picture.elements.filter { $0.name == "rect" }.count == 7)
    #expect(picture.text.contains("after block 2"))
    #expect(Sample.sweep.effectFigure.svg() == Sample.sweep.effectFigure.svg())
  }
}
