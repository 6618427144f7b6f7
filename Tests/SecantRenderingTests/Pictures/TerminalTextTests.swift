import Foundation
import SecantRendering
import SecantReports
import SecantTestSupport
import Testing

/// Text that a committed file fixes, character by character.
///
/// `SECANT_UPDATE_GOLDEN=1 swift test --filter TerminalTextTests` writes the files anew; then look
/// at the difference. They do not prove that a real terminal draws every character as wide as counted.
struct TerminalTextTests {
  @Test(arguments: [
    "explain-80", "explain-80-ascii", "explain-120-triplets", "explain-60-color", "explain-32",
    "explain-100-difference", "explain-80-words", "explain-80-long", "explain-80-checked",
    "validate-80", "validate-60-ascii", "ablate-80", "ablate-60-ascii",
    "steer-80", "steer-36-ascii", "steer-sweep-80", "steer-operator-80", "steer-toward-80",
    "jacobians-80", "jacobians-60-ascii", "gate-rules-80", "gate-rules-60-ascii",
    "shares-80", "shares-80-adapter", "shares-60-ascii", "trace-80", "trace-60-ascii", "maps-80",
    "maps-100-ascii",
    "compare-80",
    "compare-60-ascii", "verify-80", "verify-80-verbose", "verify-60-ascii", "verify-80-unverified",
    "inspect-80",
    "plan-80", "plan-exact-60", "report-80",
    "layers-80", "layers-60-ascii",
    "models-80", "models-50-ascii", "vocabulary-60",
    "audit-80", "audit-60-ascii", "audit-80-none", "stats-80", "stats-60-ascii",
  ])
  func matchesGolden(name: String) throws {
    let text =
      switch name {
      case "explain-80": Sample.bridge.terminalText()
      case "explain-80-ascii": Sample.bridge.terminalText(TerminalStyle(usesUnicode: false))
      case "explain-120-triplets":
        Sample.bridge.terminalText(TerminalStyle(width: 120), triplets: 3)
      case "explain-60-color":
        Sample.bridge.terminalText(TerminalStyle(width: 60, usesColor: true))
      case "explain-100-difference": Sample.dense.terminalText(TerminalStyle(width: 100))
      case "explain-80-words": Sample.words.answer.terminalText()
      case "explain-80-long": Sample.longPrompt.answer.terminalText()
      case "explain-80-checked": Sample.checked.terminalText()
      case "audit-80": Sample.audit.terminalText()
      case "audit-60-ascii":
        Sample.audit.terminalText(TerminalStyle(width: 60, usesUnicode: false), count: 1)
      case "audit-80-none": Sample.emptyAudit.terminalText()
      case "stats-80": Sample.stats.terminalText(count: 2)
      case "stats-60-ascii":
        Sample.stats.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "validate-80": Sample.validation.terminalText()
      case "validate-60-ascii":
        Sample.validation.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "ablate-80": Sample.ablation.terminalText()
      case "ablate-60-ascii":
        Sample.scaledParts.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "explain-32": Sample.bridge.terminalText(TerminalStyle(width: 32))
      case "shares-80": Sample.shares.terminalText()
      case "shares-80-adapter": Sample.adapted.terminalText()
      case "shares-60-ascii":
        Sample.shares.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "trace-80": Sample.trace.terminalText()
      case "trace-60-ascii":
        Sample.trace.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "maps-80": Sample.maps.terminalText()
      case "maps-100-ascii":
        Sample.maps.terminalText(TerminalStyle(width: 100, usesUnicode: false))
      case "compare-80": Sample.comparison.terminalText()
      case "compare-60-ascii":
        Sample.comparison.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "verify-80": Sample.verification.terminalText()
      case "verify-80-verbose": Sample.verification.terminalText(isVerbose: true)
      case "verify-80-unverified": Sample.unverified.terminalText()
      case "verify-60-ascii":
        Sample.verification.terminalText(
          TerminalStyle(width: 60, usesUnicode: false), isVerbose: true)
      case "jacobians-80": Sample.jacobians.terminalText()
      case "jacobians-60-ascii":
        Sample.jacobians.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "gate-rules-80": Sample.gateRules.terminalText()
      case "gate-rules-60-ascii":
        Sample.gateRules.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "layers-80": Sample.layers.terminalText()
      case "layers-60-ascii":
        Sample.layers.terminalText(TerminalStyle(width: 60, usesUnicode: false))
      case "inspect-80": Sample.inspection.terminalText()
      case "vocabulary-60": Sample.vocabulary.terminalText(TerminalStyle(width: 60))
      case "models-80": Sample.models.terminalText()
      case "models-50-ascii":
        Sample.models.terminalText(TerminalStyle(width: 50, usesUnicode: false))
      case "steer-80": Sample.steering.terminalText()
      case "steer-36-ascii":
        Sample.steering.terminalText(TerminalStyle(width: 36, usesUnicode: false))
      case "steer-toward-80": Sample.steeringVector.terminalText()
      case "steer-sweep-80": Sample.sweep.terminalText()
      case "steer-operator-80": Sample.steeringOperator.terminalText()
      case "report-80": Sample.full.terminalText()
      case "plan-exact-60": Sample.exactPlan.terminalText(TerminalStyle(width: 60))
      default: Sample.plan.terminalText()
      }
    try GoldenFile("\(name).txt").expect(text)
  }
}
