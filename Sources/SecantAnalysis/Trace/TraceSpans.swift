import SecantCheckpoints
package import SecantReports

extension Model {
  /// The spans of a prompt, each token in one.
  ///
  /// - Parameters:
  ///   - input: The prompt.
  ///   - grouping: What is counted together; nil for lines, or what is smaller where there are too few.
  /// - Returns: The spans, in the order of the prompt.
  /// - Throws: Why the prompt has no such spans.
  func traceSpans(
    of input: EncodedPrompt, _ grouping: ExplanationOptions.Grouping?
  ) throws(InputError) -> TokenSpans {
    let last = input.tokens.count - 1
    func tokens() -> TokenSpans {
      TokenSpans(
        by: "token",
        spans: input.tokens.enumerated().map { .init(name: text(of: $1), positions: [$0]) })
    }
    if let grouping { return try spans(grouping, of: input, upTo: last) ?? tokens() }
    let enough = 3
    for unit in [ExplanationOptions.Grouping.line, .sentence, .word] {
      if let spans = try spans(unit, of: input, upTo: last), spans.spans.count >= enough {
        return spans
      }
    }
    return tokens()
  }

  /// The role of each token of a prompt: its turn, "documents" for named spans, "prompt" where there are no turns.
  ///
  /// - Parameters:
  ///   - input: The prompt.
  ///   - spans: Its spans, as they are reported.
  /// - Returns: One name for each token, and what a user should know, each a sentence.
  func roles(
    of input: EncodedPrompt, _ spans: TokenSpans
  ) -> (names: [String], notes: [String]) {
    var names = [String](repeating: "prompt", count: input.tokens.count)
    var notes: [String] = []
    if input.messages != nil {
      do throws(InputError) {
        let turns = try self.spans(.turn, of: input, upTo: input.tokens.count - 1)
        for turn in turns?.spans ?? [] {
          for position in turn.positions { names[position] = turn.name }
        }
      } catch {
        notes.append("Roles are not told apart: the chat template does not mark where turns begin.")
      }
    }
    if spans.by == "spans" {
      for span in spans.spans where span.name != TokenSpans.otherText {
        for position in span.positions { names[position] = "documents" }
      }
    }
    return (names, notes)
  }
}

extension TraceReport.Role {
  /// A target by role.
  ///
  /// - Parameters:
  ///   - names: The role of each token of the prompt.
  ///   - shares: The target by token, the answer's own words after the prompt's.
  /// - Returns: The roles in the order of the prompt, then the answer's words, the baseline and the biases, where there
  ///   are any.
  package static func roles(
    _ names: [String], _ shares: ExplanationReport.Shares
  ) -> [TraceReport.Role] {
    var order: [String] = []
    var (values, counts): ([String: Double], [String: Int]) = ([:], [:])
    for (position, share) in shares.tokens.enumerated() {
      let name =
        share.isBaseline ? "baseline" : position < names.count ? names[position] : "answer"
      if values[name] == nil, name != "baseline" { order.append(name) }
      values[name, default: 0] += share.value
      counts[name, default: 0] += 1
    }
    if values["baseline"] != nil { order.append("baseline") }
    if shares.bias.value != 0 {
      order.append("bias")
      values["bias"] = shares.bias.value
    }
    return order.map {
      let value = values[$0] ?? 0
      return .init(
        name: $0, tokenCount: counts[$0] ?? 0, value: value, fraction: value / shares.logit)
    }
  }
}
