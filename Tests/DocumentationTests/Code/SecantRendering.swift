// Made from Sources/SecantRendering/SecantRendering.docc/SecantRendering.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantRendering
import SecantReports

func codeOfSecantRendering(data: Data) throws {
  let report = try ExplanationReport(jsonData: data)
  print(report.terminalText(TerminalStyle(width: 100, usesColor: true), triplets: 2))
  for figure in report.figures {
    print(figure.name, figure.title, figure.svg(.light).utf8.count, figure.table.rows.count)
  }
  let page = try report.htmlPage()
  _ = (report, page)
}
