/// The result of `secant maps`: every token's whole map, its units and its directions.
///
/// J_i `[d, d]` is the detached Jacobian of token i up to the analyzed position; y = Σ J_i x_i + b.
public struct MapsReport: Report {
  /// Version 2 of "secant.maps": a generation's steps divide a difference of logits.
  public static let schema = ReportSchema(name: "secant.maps", version: 2)

  /// Model, settings and seed; the tokens' maps are formed whole, the method is that of the
  /// joint map.
  public let provenance: Provenance
  /// The prompt as the model reads it.
  public let prompt: ExplanationReport.Prompt
  /// The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
  public let prediction: [ExplanationReport.Prediction]
  /// The prediction over its runner-up; nil in reports of earlier versions.
  public let target: ExplanationReport.Target?
  /// The target, divided among the tokens; nil in reports of earlier versions.
  public let shares: ExplanationReport.Shares?
  /// The error of the maps against the model's own output.
  public let reconstruction: ExplanationReport.Reconstruction
  /// The map of each chosen token, in order; each has its position.
  public let jacobians: [Map]
  /// The map `[J_0 … J_p]` of all tokens at once, `[d, (p + 1)·d]`; nil if it was not decomposed.
  public let joint: JointMap?
  /// A generation from the first token alone, decomposed at every step; nil if not requested.
  public let generation: Generation?
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of a report on maps.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt,
    prediction: [ExplanationReport.Prediction], target: ExplanationReport.Target? = nil,
    shares: ExplanationReport.Shares? = nil, reconstruction: ExplanationReport.Reconstruction,
    jacobians: [Map], joint: JointMap?, generation: Generation? = nil,
    notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.shares = shares
    self.reconstruction = reconstruction
    self.jacobians = jacobians
    self.joint = joint
    self.generation = generation
    self.notes = notes
  }
}

extension MapsReport {
  /// One token's map: its leading triplets, its picture, and its units.
  public struct Map: Codable, Hashable, Sendable {
    /// The leading singular triplets, decoded, as in an explanation; found from the formed matrix.
    public let singular: ExplanationReport.TokenJacobian
    /// σ_k against k from 1, all d of them or evenly spread over log k.
    public let spectrum: Curve
    /// The matrix as an image.
    public let picture: Picture
    /// How few entries, rows and columns carry the matrix.
    public let concentration: Concentration
    /// The rows of largest norm, largest first: the units of the output that the token moves most.
    public let rows: [Unit]
    /// The columns of largest norm, largest first: the units of the input that do most.
    public let columns: [Unit]

    /// Makes the description of one token's map.
    public init(
      singular: ExplanationReport.TokenJacobian, spectrum: Curve, picture: Picture,
      concentration: Concentration, rows: [Unit], columns: [Unit]
    ) {
      self.singular = singular
      self.spectrum = spectrum
      self.picture = picture
      self.concentration = concentration
      self.rows = rows
      self.columns = columns
    }
  }

  /// Points of a curve, in ascending order of x.
  public struct Curve: Codable, Hashable, Sendable {
    /// The abscissas.
    public let x: [Double]
    /// The ordinates, as many.
    public let y: [Double]

    /// Gathers the points of a curve.
    public init(x: [Double], y: [Double]) {
      self.x = x
      self.y = y
    }
  }

  /// A matrix as an image of at most 96 by 96 cells, each an integer.
  ///
  /// The cell in row a and column b of R by C cells shows the entries in the rows from ⌊a·m/R⌋ to before
  /// ⌊(a + 1)·m/R⌋ of the m, and likewise in the columns: of these the one of largest magnitude, with
  /// its sign. Its level l in −127...127 means `sign(l)·(l/127)²·largest`: the square leaves
  /// small entries visible beside large ones.
  public struct Picture: Codable, Hashable, Sendable {
    /// Number of the matrix's rows m.
    public let matrixRows: Int
    /// Number of the matrix's columns.
    public let matrixColumns: Int
    /// Number of rows of cells R.
    public let rows: Int
    /// Number of columns of cells C.
    public let columns: Int
    /// The largest magnitude of an entry.
    public let largest: Double
    /// The cells' levels, row after row `[R·C]`.
    public let levels: [Int]

    /// Gathers an image.
    public init(
      matrixRows: Int, matrixColumns: Int, rows: Int, columns: Int, largest: Double, levels: [Int]
    ) {
      self.matrixRows = matrixRows
      self.matrixColumns = matrixColumns
      self.rows = rows
      self.columns = columns
      self.largest = largest
      self.levels = levels
    }
  }

  /// The share of ‖J‖_F² that the largest fraction x of the parts carries, from (0, 0) to (1, 1).
  ///
  /// Each is concave; a straight line would say that all parts are equally large.
  public struct Concentration: Codable, Hashable, Sendable {
    /// The entries, by magnitude.
    public let entries: Curve
    /// The rows, by norm.
    public let rows: Curve
    /// The columns, by norm.
    public let columns: Curve

    /// Gathers the curves.
    public init(entries: Curve, rows: Curve, columns: Curve) {
      self.entries = entries
      self.rows = rows
      self.columns = columns
    }
  }

  /// A row or a column of a map: one unit of the output or the input.
  public struct Unit: Codable, Hashable, Sendable {
    /// Its number, from 0.
    public let index: Int
    /// The Euclidean norm of the row or column.
    public let norm: Double
    /// The unit's value at the prompt: y_r for row r, x_c for column c.
    public let value: Double
    /// The tokens that the row reads (by cosine to the embedding), or the column writes (by raw product with
    /// the unembedding), best first; with the sign of `value`, so that they fit what the unit did.
    public let tokens: [ExplanationReport.DecodedToken]

    /// Describes one unit.
    public init(
      index: Int, norm: Double, value: Double, tokens: [ExplanationReport.DecodedToken]
    ) {
      self.index = index
      self.norm = norm
      self.value = value
      self.tokens = tokens
    }
  }
}

extension MapsReport {
  /// The maps of all tokens side by side, by their leading singular triplets.
  ///
  /// `[J_0 … J_p] = Σ σ_k u_k v_kᵀ`: u_k is a direction of the output that the whole prompt writes, v_k what
  /// it reads of every token at once. Signs are chosen so that u_k·y > 0.
  public struct JointMap: Codable, Hashable, Sendable {
    /// The largest singular values `[r]`, in descending order.
    public let singularValues: [Double]
    /// The measured residuals √(‖J v − σu‖² + ‖Jᵀu − σv‖²)/σ₁ `[r]`.
    public let residuals: [Double]
    /// Triplets whose singular values are too close together to separate their vectors.
    public let clusters: [ExplanationReport.Cluster]
    /// Whether every residual is within the tolerance.
    public let isConverged: Bool
    /// The stable rank ‖[J_0 … J_p]‖_F² / σ₁².
    public let stableRank: ExplanationReport.Estimate
    /// The leading triplets, decoded.
    public let triplets: [Triplet]

    /// Makes the description of the joint map.
    public init(
      singularValues: [Double], residuals: [Double], clusters: [ExplanationReport.Cluster],
      isConverged: Bool, stableRank: ExplanationReport.Estimate, triplets: [Triplet]
    ) {
      self.singularValues = singularValues
      self.residuals = residuals
      self.clusters = clusters
      self.isConverged = isConverged
      self.stableRank = stableRank
      self.triplets = triplets
    }
  }

  /// One triplet of the joint map.
  public struct Triplet: Codable, Hashable, Sendable {
    /// The tokens that u_k writes, best first; a score is the raw product with an unembedding row.
    public let left: [ExplanationReport.DecodedToken]
    /// The cosine of u_k to the output: (u_k·y)/‖y‖, from 0 to 1; its squares sum to at most 1.
    public let outputCosine: Double
    /// The part of v_k at each token: ‖v_k,i‖² `[p + 1]`, which sum to 1.
    public let weights: [Double]
    /// The heaviest parts of v_k, at most 8, heaviest first, decoded.
    public let right: [PositionTokens]

    /// Describes one triplet.
    public init(
      left: [ExplanationReport.DecodedToken], outputCosine: Double, weights: [Double],
      right: [PositionTokens]
    ) {
      self.left = left
      self.outputCosine = outputCosine
      self.weights = weights
      self.right = right
    }
  }

  /// The tokens that a right singular vector of the joint map reads at one token.
  public struct PositionTokens: Codable, Hashable, Sendable {
    /// The token's place in the prompt.
    public let position: Int
    /// The tokens that it reads there, best first; a score is the cosine to a row of the embedding.
    public let tokens: [ExplanationReport.DecodedToken]

    /// Describes one part.
    public init(position: Int, tokens: [ExplanationReport.DecodedToken]) {
      self.position = position
      self.tokens = tokens
    }
  }

  /// A generation from one first token, explained step by step.
  public struct Generation: Codable, Hashable, Sendable {
    /// The first token and those that were generated after it, likeliest first choice each.
    public let tokens: [ExplanationReport.Prompt.Token]
    /// One step for each generated token: step k reads the tokens `0...k`.
    public let steps: [Step]

    /// Gathers a generation.
    public init(tokens: [ExplanationReport.Prompt.Token], steps: [Step]) {
      self.tokens = tokens
      self.steps = steps
    }
  }

  /// One step of a generation.
  public struct Step: Codable, Hashable, Sendable {
    /// The token that was chosen.
    public let prediction: ExplanationReport.Prediction
    /// The token over its runner-up; nil in reports of version 1, where it is the token's logit.
    public let target: ExplanationReport.Target?
    /// The target, divided among the tokens read so far.
    public let shares: ExplanationReport.Shares
    /// The error of the maps against the model's own output.
    public let reconstruction: ExplanationReport.Reconstruction

    /// Describes one step.
    public init(
      prediction: ExplanationReport.Prediction, target: ExplanationReport.Target? = nil,
      shares: ExplanationReport.Shares, reconstruction: ExplanationReport.Reconstruction
    ) {
      self.prediction = prediction
      self.target = target
      self.shares = shares
      self.reconstruction = reconstruction
    }
  }
}
