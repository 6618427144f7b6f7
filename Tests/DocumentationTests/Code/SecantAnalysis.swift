// Made from Sources/SecantAnalysis/SecantAnalysis.docc/SecantAnalysis.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantAnalysis
import SecantCheckpoints
import SecantReports

func codeOfSecantAnalysis(folder: URL) throws {
  let model = try Model<Float>(Checkpoint(at: folder))
  var options = ExplanationOptions()
  options.rank = 4
  options.target = .init("Golden - Brooklyn")    // by default the prediction over its runner-up
  let report = try model.explain(.text("The bridge out of Marin is the"), options)
  print(report.reconstruction.relativeError, report.shares.sum, report.target.logit)
  _ = (model, options, report)
}
