import Secant
import Testing

@Suite struct VerificationTests {
  @Test(arguments: Fixture.all)
  func lawsHold(_ fixture: Fixture) throws {
    var options = VerificationOptions()
    options.prompt = .tokens(try fixture.tokens())
    let report = try fixture.model(Float.self).verify(options)
    for law in report.laws where law.outcome == .failed {
      Issue.record("\(law.name): \(law.measured) = \(law.value ?? .nan)")
    }
    for law in report.laws {
      print(
        fixture.name, law.name, law.value ?? 0, law.bound ?? 0, (law.value ?? 0) / (law.bound ?? 1))
    }
  }
  @Test(.enabled(if: Stories.folder != nil, "real data not at hand"))
  func prints() throws {
    let model = try Stories.model(Float.self)
    print(try model.verify().terminalText(TerminalStyle(width: 120)))
    print(try model.plan(.text("Once upon a time, there was a little")).terminalText())
  }
}
