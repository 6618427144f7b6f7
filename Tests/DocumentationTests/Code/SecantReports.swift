// Made from Sources/SecantReports/SecantReports.docc/SecantReports.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantReports

func codeOfSecantReports(url: URL) throws {
  let report = try ExplanationReport(jsonData: Data(contentsOf: url))
  for (token, share) in zip(report.prompt.tokens, report.shares.tokens) {
    print(token.text, share.value, share.fraction)
  }
  print(report.shares.bias.value, report.shares.sum, report.target.logit)
  let again = try report.jsonData(isIndented: false)
  _ = (report, again)
}
