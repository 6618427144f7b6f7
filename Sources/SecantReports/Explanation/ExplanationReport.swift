/// The result of `secant explain`: a prediction as the sum of each token's contribution.
///
/// With x_i the vector of token i that enters block 0, y the vector before the unembedding at the
/// analyzed position, J_i the detached Jacobian `[d, d]` and b the offset: y = Σ J_i x_i + b.
/// Vectors are in the model's own units; logits are natural (softmax of them gives probabilities).
public struct ExplanationReport: Report {
  /// Version 2 of "secant.explanation": the target is a difference of logits unless told otherwise.
  public static let schema = ReportSchema(name: "secant.explanation", version: 2)

  /// Model, settings and seed.
  public let provenance: Provenance
  /// The prompt as the model reads it.
  public let prompt: Prompt
  /// The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
  public let prediction: [Prediction]
  /// What the shares divide: by default the prediction's logit less its runner-up's.
  public let target: Target
  /// The error of the linear map against the model's own output.
  public let reconstruction: Reconstruction
  /// The target, divided among the tokens and the bias.
  public let shares: Shares
  /// The measured effects of removing tokens; nil if none was measured.
  public let check: EffectCheck?
  /// The decomposed maps, by the tokens' positions; the others were beyond the budget or not requested.
  public let jacobians: [TokenJacobian]
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of an explanation.
  public init(
    provenance: Provenance, prompt: Prompt, prediction: [Prediction], target: Target,
    reconstruction: Reconstruction, shares: Shares, check: EffectCheck? = nil,
    jacobians: [TokenJacobian], notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.reconstruction = reconstruction
    self.shares = shares
    self.check = check
    self.jacobians = jacobians
    self.notes = notes
  }
}

extension ExplanationReport {
  /// The results before any map is decomposed: the prediction, and each token's share of it.
  public struct Answer: Hashable, Sendable {
    /// The prompt as the model reads it.
    public let prompt: Prompt
    /// The likeliest next tokens at the analyzed position, likeliest first.
    public let prediction: [Prediction]
    /// What the shares divide: by default the prediction's logit less its runner-up's.
    public let target: Target
    /// The target, divided among the tokens and the bias.
    public let shares: Shares
    /// What really happens where tokens are removed; nil where none were.
    public var check: EffectCheck?

    /// Gathers the parts of an answer.
    public init(
      prompt: Prompt, prediction: [Prediction], target: Target, shares: Shares,
      check: EffectCheck? = nil
    ) {
      self.prompt = prompt
      self.prediction = prediction
      self.target = target
      self.shares = shares
      self.check = check
    }
  }

  /// The results before any map was decomposed.
  public var answer: Answer {
    Answer(prompt: prompt, prediction: prediction, target: target, shares: shares, check: check)
  }

  /// An answer, completed.
  public init(
    provenance: Provenance, answer: Answer, reconstruction: Reconstruction,
    jacobians: [TokenJacobian], notes: [String] = []
  ) {
    self.init(
      provenance: provenance, prompt: answer.prompt, prediction: answer.prediction,
      target: answer.target, reconstruction: reconstruction, shares: answer.shares,
      check: answer.check, jacobians: jacobians, notes: notes)
  }

  /// The decomposed map of the token at a position; nil if it was not decomposed.
  public func jacobian(at position: Int) -> TokenJacobian? {
    jacobians.first { $0.position == position }
  }

  /// The prompt, and the position and site of the output.
  public struct Prompt: Codable, Hashable, Sendable {
    /// One token of the prompt.
    public struct Token: Codable, Hashable, Sendable {
      /// The place in the prompt, from 0.
      public let position: Int
      /// The token's number in the vocabulary, from 0.
      public let id: Int
      /// The token as text, its leading space included; bytes that are no text are U+FFFD.
      public let text: String

      /// Names one token of a prompt.
      public init(position: Int, id: Int, text: String) {
        self.position = position
        self.id = id
        self.text = text
      }
    }

    /// The text as the user gave it; nil if tokens were given by number.
    public let text: String?
    /// The tokens `[T]`, special ones included.
    public let tokens: [Token]
    /// The position whose output is explained, in 0 ..< T.
    public let analysedPosition: Int
    /// The place in the model that is explained: "output", "block.3.residual", ….
    public let site: String

    /// Gathers a prompt.
    public init(text: String?, tokens: [Token], analysedPosition: Int, site: String = "output") {
      self.text = text
      self.tokens = tokens
      self.analysedPosition = analysedPosition
      self.site = site
    }
  }

  /// A next token that the model considers.
  public struct Prediction: Codable, Hashable, Sendable {
    /// The token's number in the vocabulary.
    public let id: Int
    /// The token as text.
    public let text: String
    /// Its logit.
    public let logit: Double
    /// Its softmax probability over the whole vocabulary, from 0 to 1.
    public let probability: Double

    /// Describes one candidate.
    public init(id: Int, text: String, logit: Double, probability: Double) {
      self.id = id
      self.text = text
      self.logit = logit
      self.probability = probability
    }
  }

  /// The error of Σ J_i x_i + b against y, which is rounding alone.
  public struct Reconstruction: Codable, Hashable, Sendable {
    /// The relative error ‖Σ J_i x_i + b − y‖ / ‖y‖.
    public let relativeError: Double
    /// The paper's measure: std(Σ J_i x_i + b − y) / std(y), over the d components.
    public let standardDeviationRatio: Double
    /// The Euclidean norm ‖y‖.
    public let outputNorm: Double
    /// The Euclidean norm ‖b‖; 0 for a model without biases on the linear path.
    public let offsetNorm: Double

    /// Gathers the measures of a reconstruction.
    public init(
      relativeError: Double, standardDeviationRatio: Double, outputNorm: Double, offsetNorm: Double
    ) {
      self.relativeError = relativeError
      self.standardDeviationRatio = standardDeviationRatio
      self.outputNorm = outputNorm
      self.offsetNorm = offsetNorm
    }
  }
}
