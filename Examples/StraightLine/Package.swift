// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "StraightLine",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Secant", path: "../..")],
  targets: [
    .executableTarget(
      name: "StraightLine", dependencies: [.product(name: "Secant", package: "Secant")])
  ]
)
