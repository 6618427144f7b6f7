import Foundation
import Secant

// swift run SecantRecipes singular-values > sigma.csv
let prompt = "The bridge out of Marin is the"
let name = CommandLine.arguments.dropFirst().first
let model = try Model<Float>(named: CommandLine.arguments.dropFirst(2).first ?? "demo")

switch name {
case "singular-values":
  print(try allSingularValues(model, prompt))
case "own-operator":
  let (before, after) = try withoutTheLeadingDirection(model, prompt, token: 5)
  print("with its leading direction     ", before)
  print("without its leading direction  ", after)
case "difference":
  let (sigma, words) = try differenceOfMaps(
    model, (prompt, 5), ("The bridge out of Brooklyn is the", 5))
  for (sigma, words) in zip(sigma, words) { print(sigma, words) }
case "stable-ranks":
  for (block, rank) in try stableRanks(model, prompt).enumerated() { print(block, rank) }
default:
  print("name one of singular-values, own-operator, difference and stable-ranks")
  exit(64)
}
