import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

/// A prompt frozen, what it predicts, and what each token gave to the target: what two passes give.
struct Attribution<S: Scalar>: Sendable {
  /// The frozen decoder.
  let linearization: Linearization<S>
  /// Where the output is read.
  let site: Site
  /// The position p at which it is read.
  let position: Int
  /// y `[d]`, as the forward pass gave it.
  let output: [S]
  /// The logits there, and which of them is asked about.
  let predicted: PredictedOutput<S>
  /// What each token up to the position gave to the target.
  let tokens: [Double]
  /// What the learned vector of each position gave of that; empty if positions have none.
  let positions: [Double]
  /// b `[d]`, what the biases gave to the output.
  let offset: [S]
  /// What the biases gave to the target.
  let bias: Double
  /// What the shares are sorted by.
  let order: ShareOrder

  /// The target, divided among the tokens and the bias.
  var shares: ExplanationReport.Shares {
    .init(
      tokens: tokens, positions: positions, bias: bias, logit: predicted.describedTarget.logit,
      order)
  }

  /// How exactly the frozen maps give the output, `Σ J_i x_i + b`: two passes.
  func reconstruction() -> ExplanationReport.Reconstruction {
    linearization.reconstructions(of: [output], offsets: [offset], at: [site], position: position)[
      0]
  }

  /// `J_i x_i` for some tokens, ascending, `[tokens.count, d]`: a product with the map of each.
  func terms(of tokens: [Int]) -> Matrix<S> {
    let family = linearization.jacobians(to: site, position: position).starting(at: tokens)
    let images = family.apply(tokens.map { linearization.input.rows($0..<$0 + 1) })
    return .stacking(images, columns: output.count)
  }
}

extension Model {
  /// Freezes the decoder at a prompt and accounts for the target: two passes.
  ///
  /// - Parameters:
  ///   - input: The prompt.
  ///   - cost: Where the output is read, and what the work may hold.
  ///   - options: Gate rule, site, target and memory.
  ///   - spans: Tokens that are counted together; nil for those that the options ask for.
  ///   - meter: Told what is done.
  /// - Returns: What is known after that.
  /// - Throws: What in the prompt or the options cannot be satisfied, or that numbers overflow.
  func attribution(
    _ input: EncodedPrompt, _ cost: CostModel, _ options: ExplanationOptions,
    spans: TokenSpans? = nil, meter: WorkMeter
  ) throws(InputError) -> Attribution<S> {
    meter.begin(.linearization)
    let linearization = try decoder.linearize(
      at: input.tokens, gate: options.gate, holding: cost.memory.heldBytes)
    return try attribution(input, linearization, cost, options, spans: spans, meter: meter)
  }

  /// Accounts for the target of a frozen prompt: one pass.
  ///
  /// - Parameters:
  ///   - input: The prompt.
  ///   - linearization: The decoder frozen there.
  ///   - cost: Where the output is read.
  ///   - options: Site and target.
  ///   - spans: Tokens that are counted together; nil for those that the options ask for.
  ///   - meter: Told what is done.
  /// - Returns: What is known after that.
  /// - Throws: What in the prompt or the options cannot be satisfied, or that numbers overflow.
  func attribution(
    _ input: EncodedPrompt, _ linearization: Linearization<S>, _ cost: CostModel,
    _ options: ExplanationOptions, spans: TokenSpans? = nil, meter: WorkMeter
  ) throws(InputError) -> Attribution<S> {
    let position = cost.scope.position
    var spans = spans
    if spans == nil { spans = try self.spans(options.grouping, of: input, upTo: position) }
    let output = linearization.output(at: options.site, position: position)
    let predicted = try predictedOutput(of: output, options)
    meter.begin(.contributions)
    let direction = direction(of: predicted.target)
    let family = linearization.jacobians(to: options.site, position: position)
      .observed { meter.add($0 * cost.row) }
    let asked = family.applyAdjointToAll(Matrix(row: direction))
    func shares(of vectors: Matrix<S>) -> [Double] {
      asked.enumerated().map { token, row in
        Kernels.dot(row.elements.span, vectors.row(token).span)
      }
    }
    let tokens = shares(of: linearization.input)
    let offset = linearization.offset(to: options.site, position: position)
    let bias = Kernels.dot(direction.span, offset.span)
    guard tokens.allSatisfy(\.isFinite), bias.isFinite else { throw notFinite }
    return Attribution(
      linearization: linearization, site: options.site, position: position, output: output,
      predicted: predicted, tokens: tokens,
      positions: linearization.positionInput.map(shares) ?? [], offset: offset, bias: bias,
      order: shareOrder(linearization, position: position, spans, options))
  }
}

extension SiteMaps {
  /// How exactly the maps from all tokens give the values of some sites, `Σ J_i x_i + b`: two passes for all.
  ///
  /// Tokens at even and at odd positions are carried apart and added at the end: together they would repeat the
  /// forward pass to the bit, and show nothing.
  ///
  /// - Parameters:
  ///   - outputs: y of each site, `[d]`.
  ///   - offsets: b of each site, `[d]`.
  ///   - sites: Places in blocks or the output, in the order in which they are met.
  ///   - position: Where they are read.
  /// - Returns: What is left, for each site.
  func reconstructions(
    of outputs: [[S]], offsets: [[S]], at sites: [Site], position: Int
  ) -> [ExplanationReport.Reconstruction] {
    let maps = jacobians(to: sites, position: position, members: [.joint])
    let parts = (0..<2).map { parity -> [[S]] in
      var stream = [S](repeating: 0, count: (position + 1) * input.columns)
      for token in stride(from: parity, through: position, by: 2) {
        Kernels.copy(
          input.elements, from: token * input.columns, count: input.columns, to: &stream,
          at: token * input.columns)
      }
      return maps.sweep([Matrix(row: stream)]).map { $0[0].elements }
    }
    return sites.indices.map { index in
      let error = outputs[index].indices.map {
        Double(parts[0][index][$0]) + Double(parts[1][index][$0]) + Double(offsets[index][$0])
          - Double(outputs[index][$0])
      }
      return .init(
        error: error, output: outputs[index].map(Double.init),
        offset: offsets[index].map(Double.init))
    }
  }
}

extension ExplanationReport.Reconstruction {
  /// What an error `[d]` amounts to beside the output.
  init(error: [Double], output: [Double], offset: [Double]) {
    self.init(
      relativeError: norm(error) / norm(output),
      standardDeviationRatio: standardDeviation(error) / standardDeviation(output),
      outputNorm: norm(output), offsetNorm: norm(offset))
  }
}
