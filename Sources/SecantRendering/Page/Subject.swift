import SecantReports

/// The subject of a figure or a page: model, prompt and prediction.
struct Subject {
  let model: ModelIdentity
  let prompt: ExplanationReport.Prompt
  /// The likeliest next token.
  let prediction: String?

  init(
    _ model: ModelIdentity, _ prompt: ExplanationReport.Prompt,
    _ prediction: ExplanationReport.Prediction?
  ) {
    self.model = model
    self.prompt = prompt
    self.prediction = prediction?.text
  }

  /// One line: "demo · The bridge out of Marin is the → ·Golden"; a long prompt loses its beginning.
  var line: String {
    let prose = VisibleText.prose()
    let text = prose(prompt.readText)
    let end = text.count > 60 ? "…" + text.suffix(59) : text
    let answer = prediction.map { " → " + VisibleText.token()($0) } ?? ""
    let name = prose(model.name).truncated(to: 40, ellipsis: "…")
    return "\(name) · \(end)\(answer)"
  }

  /// The name of a prompt's token in a figure's row, with its position if the text is not unique.
  func label(at position: Int) -> String {
    prompt.name(at: position, .token())
  }
}
