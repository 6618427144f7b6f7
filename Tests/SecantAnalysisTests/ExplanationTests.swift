import Secant
import Testing

@Suite struct ExplanationTests {
  @Test(arguments: Fixture.all)
  func sharesSumToTheLogit(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let report = try fixture.model(S.self).explain(.tokens(fixture.tokens()))
      let bounds = Bounds.of(S.self)
      #expect(report.reconstruction.relativeError <= bounds.reconstruction)
      // |w·e| ≤ ‖w‖‖e‖, and the logit itself is a dot product with its own rounding.
      let scale = report.reconstruction.outputNorm * 10
      #expect(abs(report.shares.difference) <= bounds.reconstruction * scale)
      #expect(report.shares.difference == report.shares.sum - report.shares.logit)
      #expect(report.shares.logit == report.target.logit)
    }
  }

  @Test(.enabled(if: Stories.folder != nil, "real data not at hand"))
  func printsStories() throws {
    let model = try Stories.model(Float.self)
    var options = ExplanationOptions()
    for method in [ExplanationOptions.Method.dense, .krylov] {
      options.method = method
      let clock = ContinuousClock()
      let start = clock.now
      let report = try model.explain(.text("Once upon a time, there was a little"), options)
      print(clock.now - start)
      print(report.terminalText(TerminalStyle(width: 110)))
    }
    print(InspectionReport(of: model.checkpoint).terminalText())
  }
}
