import Foundation
import SecantReports
import SecantTestSupport

/// Made-up reports: plausible to look at, computed by no model.
enum Sample {
  static let model = ModelIdentity(
    name: "demo", fingerprint: "sha256:3f1c9a0de2b47785", architecture: "LlamaForCausalLM",
    parameterCount: 2_345_216, elementTypes: ["f32"])

  static func provenance(method: String = "krylov", tolerance: Double = 1e-3) -> Provenance {
    Provenance(
      secantVersion: "0.1.0", model: model, precision: "f32", gateRule: "up", method: method,
      tolerance: tolerance, seed: 0,
      commandLine: ["secant", "explain", "The bridge out of Marin is the", "--rank", "8"])
  }

  /// The bridge prompt, with a cluster, an unconverged triplet and estimated stable ranks.
  static let bridge = explanation(
    words: ["<s>", "The", " bridge", " out", " of", " Marin", " is", " the"],
    shares: [0.3127, -0.1402, 5.2281, 0.4110, -0.3875, 6.9004, 0.5162, 1.3723],
    writes: [
      [" Golden", " Gate", " Bridge"], [" Golden", " Bay", " the"],
      [" Bridge", " Golden", " span", " Bay"], [" road", " Golden", " Bay"],
      [" of", " Golden"], [" Golden", " Bay", " Marin", " Sausalito"], [" Golden", " is"],
      [" Golden", " Brooklyn", " Tower", " Humber"],
    ],
    reads: [
      ["<s>", "</s>"], ["The", " the", "A"], [" bridge", " bridges", " Bridge"],
      [" out", " from"], [" of", " in"], [" Marin", " Sonoma", " Oakland"],
      [" is", " was"], [" the", " a", " The"],
    ], hasSink: true)

  /// All singular values of a wide model, a difference of two logits, a position before the last.
  static let dense: ExplanationReport = {
    let jacobians = bridge.jacobians.prefix(6).map { jacobian in
      let floor = 1e-4 / Double(jacobian.position + 1)
      let values = (1...576).map { k -> Double in 9 / Double(k * k) + floor }
      return ExplanationReport.TokenJacobian(
        position: jacobian.position, inputNorm: 1, outputNorm: 2, singularValues: values,
        residuals: jacobian.residuals.map { $0 * 1e-4 }, clusters: [], isConverged: true,
        operatorProducts: 1152, frobeniusNormSquared: .init(value: 87.6),
        stableRank: .init(value: 1.08), triplets: jacobian.triplets)
    }
    let values = bridge.shares.tokens.prefix(6).map(\.value)
    let sum = values.reduce(-1.25, +)
    return ExplanationReport(
      provenance: provenance(),
      prompt: .init(
        text: nil, tokens: bridge.prompt.tokens, analysedPosition: 5, site: "block.3.residual"),
      prediction: bridge.prediction,
      target: .init(
        label: "Golden - Bay", token: .init(id: 300, text: " Golden"),
        contrast: .init(id: 302, text: " Bay"), logit: sum),
      reconstruction: bridge.reconstruction,
      shares: .init(
        tokens: values.map { .init(value: $0, fraction: $0 / sum) },
        bias: .init(value: -1.25, fraction: -1.25 / sum), sum: sum,
        logit: sum, difference: 0), jacobians: Array(jacobians))
  }()

  static func explanation(
    words: [String], shares: [Double], writes: [[String]], reads: [[String]], text: String? = nil,
    notes: [String] = ["The model was trained on made-up text; do not read facts from it."],
    hasSink: Bool = false
  ) -> ExplanationReport {
    typealias R = ExplanationReport
    let bias = 0.0
    let sum = shares.reduce(bias, +)
    let logit = sum + 2.4e-6
    let raw = logit + 3.1
    return R(
      provenance: provenance(),
      prompt: .init(
        text: text ?? words.dropFirst().joined(),
        tokens: words.enumerated().map { .init(position: $0, id: 7 * $0 + 1, text: $1) },
        analysedPosition: words.count - 1),
      prediction: zip([" Golden", " bridge", " Bay", "the", " Tower", " red"], 0...).map {
        .init(
          id: 300 + $1, text: $0, logit: raw - logit * Double($1),
          probability: 0.93 * exp(-2.9 * Double($1)))
      },
      target: .init(
        label: " Golden -  bridge", tokens: [.init(id: 300, text: " Golden")],
        over: .init(
          kind: "runner-up", tokens: [.init(id: 301, text: " bridge")], logit: raw - logit),
        logit: logit, rawLogit: raw),
      reconstruction: .init(
        relativeError: 3.14e-7, standardDeviationRatio: 3.02e-7, outputNorm: 31.62, offsetNorm: 0),
      shares: .init(
        tokens: shares.enumerated().map {
          .init(value: $1, fraction: $1 / logit, isBaseline: hasSink && $0 == 0)
        },
        bias: .init(value: bias, fraction: bias / logit), sum: sum, logit: logit,
        difference: sum - logit,
        firstToken: .init(attention: 0.644, evenAttention: 0.245, excess: 0.5285)),
      jacobians: words.indices.map { i in
        jacobian(
          position: i, writes: i < writes.count ? writes[i] : [],
          reads: i < reads.count ? reads[i] : [])
      },
      notes: notes)
  }

  static func jacobian(position: Int, writes: [String], reads: [String])
    -> ExplanationReport.TokenJacobian
  {
    let leading = 2 + 11 / Double(1 + (position * 5) % 7)
    var values = (0..<8).map { leading * exp(-0.45 * Double($0) - 0.02 * Double(position)) }
    if position == 2 { values[2] = values[1] * 0.9999 }
    let residuals = (0..<8).map { k in
      position == 6 && k == 7 ? 4.1e-3 : 2e-5 * exp(0.4 * Double(k + position))
    }
    let frobenius = values.reduce(0) { $0 + $1 * $1 } * 1.2
    let error = position.isMultiple(of: 3) ? 0 : 0.03
    return .init(
      position: position, inputNorm: 0.8 + 0.01 * Double(position), outputNorm: leading * 0.7,
      singularValues: values, residuals: residuals,
      clusters: position == 2 ? [.init(first: 1, count: 2)] : [], isConverged: position != 6,
      operatorProducts: 40,
      frobeniusNormSquared: .init(value: frobenius, standardError: frobenius * error),
      stableRank: .init(
        value: frobenius / (values[0] * values[0]), standardError: error),
      triplets: (0..<4).map { k in
        .init(
          left: decoded(writes, turnedBy: k, from: 6.1),
          right: decoded(reads, turnedBy: k, from: 0.62))
      })
  }

  private static func decoded(_ words: [String], turnedBy k: Int, from score: Double)
    -> [ExplanationReport.DecodedToken]
  {
    words.indices.map { i in
      .init(
        id: 300 + (i + k) % words.count, text: words[(i + k) % words.count],
        score: score / Double(1 + i))
    }
  }

  static let verification = VerificationReport(
    secantVersion: "0.1.0", model: model, seed: 0,
    laws: [
      .init(
        name: "reconstruction", measured: "‖Σ J_i x_i + b − y‖ / ‖y‖, f32", value: 3.1e-7,
        bound: 3e-6, outcome: .passed),
      .init(
        name: "reconstruction", measured: "‖Σ J_i x_i + b − y‖ / ‖y‖, f64", value: 5.2e-16,
        bound: 1e-13, outcome: .passed),
      .init(
        name: "dot test", measured: "|⟨u, J v⟩ − ⟨Jᵀu, v⟩| / (‖u‖ ‖J v‖), f32", value: 2.5e-4,
        bound: 1e-5, outcome: .failed, reason: "the adjoint is not the operator's transpose"),
      .init(
        name: "branches sum",
        measured: "‖before + attention + feed-forward − after‖ / ‖after‖, f64",
        value: 4.4e-16, bound: 4.4e-14, outcome: .passed),
    ] + trialsForWantOfMemory)

  /// A law that could not be tried, in both precisions.
  static let trialsForWantOfMemory = [("f32", 4), ("f64", 8)].map { precision, size in
    VerificationReport.Law(
      name: "truncated against dense",
      measured: "|σ truncated − σ dense| / σ₁, rank 4, \(precision)",
      value: nil, bound: nil, outcome: .skipped,
      reason: "needs more memory (\(size * 3_000_000) bytes for its matrices)",
      neededMemoryBytes: size * 3_000_000)
  }

  /// A model on which nothing failed, but not everything was tried.
  static let unverified = VerificationReport(
    secantVersion: "0.1.0", model: model, seed: 0,
    laws: verification.laws.filter { $0.outcome == .passed } + trialsForWantOfMemory)

  /// Experts of which one is stored in another type.
  private static let experts = (0..<12).flatMap { number in
    ["down_proj", "up_proj"].map { name in
      InspectionReport.Tensor(
        name: "model.layers.N.mlp.experts.\(number).\(name).weight",
        elementType: number == 9 ? "f32" : "bf16", shape: [192, 512],
        bytes: (number == 9 ? 4 : 2) * 192 * 512)
    }
  }

  static let vocabulary = VocabularyReport(
    secantVersion: "0.1.0", model: "demo", text: "gold", count: 5,
    tokens: [
      .init(id: 812, text: " Gold", match: "whole"),
      .init(id: 930, text: "Golden", match: "beginning"),
      .init(id: 77, text: "mari\ngold", match: "inside"),
    ])

  static let inspection = InspectionReport(
    secantVersion: "0.1.0", model: model,
    configuration: [
      .init(name: "blocks", value: "6"), .init(name: "width d", value: "192"),
      .init(name: "normalization", value: "RMSNorm before attention and feed-forward, ε = 1e-5"),
    ],
    tensorGroups: [
      .init(
        name: "embedding",
        tensors: [
          .init(
            name: "model.embed_tokens.weight", elementType: "f32", shape: [3000, 192],
            bytes: 2_304_000)
        ]),
      .init(name: "block 6", tensors: experts),
      .init(
        name: "blocks 0–5", count: 6,
        tensors: [
          .init(
            name: "model.layers.N.self_attn.q_proj.weight", elementType: "f32", shape: [192, 192],
            bytes: 147_456),
          .init(
            name: "model.layers.N.input_layernorm.weight", elementType: "f32", shape: [192],
            bytes: 768),
        ]),
      .init(
        name: "blocks 7–8", count: 2,
        tensors: [
          .init(
            name: "model.layers.N.self_attn.q_proj.weight", elementType: "bf16",
            shape: [192, 192], bytes: 73_728),
          .init(
            name: "model.layers.N.input_layernorm.weight", elementType: "f32", shape: [192],
            bytes: 768),
        ]),
    ],
    memory: [
      .init(name: "weights, mapped from the file", bytes: 9_380_864),
      .init(name: "explain, 8 tokens, rank 8", bytes: 31_000_000),
    ], notUnderstood: ["rope_scaling.rope_type = \"yarn\": this kind of position is not known"],
    notes: [
      "The weights hold blocks up to 9, but config.json counts 9: those from 9 on are not used."
    ])

  static let plan = PlanReport(
    secantVersion: "0.1.0", model: model, tokenCount: 8, rank: 8, precision: "f32",
    method: "krylov",
    estimates: [
      .init(
        method: "krylov", operatorProducts: 320, floatingPointOperations: 2.1e10, seconds: 0.21,
        peakMemoryBytes: 31_000_000),
      .init(
        method: "dense", operatorProducts: 1536, floatingPointOperations: 6.4e10, seconds: 75.3,
        peakMemoryBytes: 12_000_000_000),
    ], notes: ["Times assume 150 GF/s, measured on this machine just now."])

  /// Of work that finds no triplets, by the only method.
  static let exactPlan = PlanReport(
    secantVersion: "0.1.0", model: model, tokenCount: 8, rank: 0, precision: "f32", method: "exact",
    estimates: [
      .init(
        method: "exact", operatorProducts: 8, floatingPointOperations: 1.7e9, seconds: 0.02,
        peakMemoryBytes: 4_000_000)
    ], notes: ["Counted: the forward pass, and one sweep of every token's vector."])

  static let models = ModelsReport(
    secantVersion: "0.1.0", cache: "/home/user/.cache/huggingface/hub",
    models: [
      .init(
        name: "Qwen/Qwen3-0.6B", option: "--model",
        commit: "c1899de289a04d12100db370d81485cdf75e47ca", revisions: ["main"],
        bytes: 1_519_175_000, format: "safetensors", architecture: "qwen3", isRunnable: true,
        reason: nil),
      .init(
        name: "unsloth/Llama-3.3-70B-Instruct-GGUF:Q4_K_M", option: "-hf",
        commit: "b76e14ebe4f1ff2c5eaba4b4b3a0d0f3a0b1c2d3", revisions: [], bytes: 42_520_398_432,
        format: "gguf", architecture: "llama", isRunnable: true, reason: nil),
      .init(
        name: "state-spaces/mamba-130m@v1", option: "--model",
        commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", revisions: ["v1"], bytes: 516_000_000,
        format: "other", architecture: nil, isRunnable: false,
        reason: "weights: expected model.safetensors or model.safetensors.index.json, "
          + "found pytorch_model.bin"),
    ])
}
