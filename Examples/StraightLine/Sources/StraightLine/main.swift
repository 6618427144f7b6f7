import Foundation
import Secant

let path = try CommandLine.arguments.dropFirst().first ?? DemoModel.folder().path
for word in try straightLine(path, "The bridge out of Marin is the") { print(word) }
