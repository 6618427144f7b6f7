// swift-tools-version: 6.2
import PackageDescription

/// A program that libFuzzer drives; `Tools/fuzz` builds it with coverage of all modules.
let package = Package(
  name: "Fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Secant", path: "..")],
  targets: [
    .systemLibrary(name: "CFuzzer"),
    .executableTarget(
      name: "Fuzz", dependencies: ["CFuzzer", .product(name: "Secant", package: "Secant")]),
  ])
