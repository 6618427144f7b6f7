// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
]

/// A module of the library: its sources in `Sources/NAME`.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// The tests of a module: they mirror its sources, in `Tests/NAMETests`.
///
/// `data` names folders of files that the tests read where they lie.
func tests(
  of name: String, _ dependencies: [Target.Dependency] = [], data: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "SecantTestSupport"] + dependencies,
    exclude: data, swiftSettings: settings)
}

/// The parts of the explorer's script, in the order in which the page has them.
let explorerScript = [
  "elements", "asking", "answer", "token", "changes", "parts", "steering", "cards",
  "continuation", "pins", "vocabulary", "form",
]

let realModule: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

let package = Package(
  name: "Secant",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Secant", targets: ["Secant"]),
    // Chat templates alone; the second module has their errors and the values of their variables.
    .library(name: "SecantTemplates", targets: ["SecantTemplates", "SecantCheckpoints"]),
    .executable(name: "secant", targets: ["SecantCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "CPlatform",
      dependencies: [.target(name: "COpenBLAS", condition: .when(platforms: [.linux]))],
      linkerSettings: [
        .linkedFramework("Accelerate", .when(platforms: [.macOS])),
        .linkedLibrary("m", .when(platforms: [.linux])),
      ]),
    module("SecantOperators", ["CPlatform", realModule]),
    .target(name: "CBlocks"),
    .systemLibrary(name: "CLibMD", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
    .target(
      name: "CDigests",
      dependencies: [.target(name: "CLibMD", condition: .when(platforms: [.linux]))]),
    module("SecantDigests", ["CDigests"]),
    module("SecantCheckpoints", ["CBlocks", "SecantDigests"]),
    module("SecantHub", ["SecantCheckpoints", "SecantDigests"]),
    module("SecantTokenizers", ["SecantCheckpoints"]),
    module("SecantTemplates", ["SecantCheckpoints"]),
    module("SecantDecoders", ["SecantOperators", "SecantCheckpoints", realModule]),
    module("SecantReports"),
    module(
      "SecantAnalysis",
      [
        "SecantOperators", "SecantCheckpoints", "SecantTokenizers", "SecantTemplates",
        "SecantDecoders", "SecantReports",
      ], resources: [.copy("Resources/paper.json"), .copy("Resources/ioi.json")]),
    module("SecantRendering", ["SecantReports"]),
    module(
      "SecantExplorer",
      [
        "SecantDigests", "SecantRendering", .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ],
      resources: [
        .embedInCode("Resources/explorer.html"), .embedInCode("Resources/explorer.css"),
      ] + explorerScript.map { .embedInCode("Resources/Script/\($0).js") }),
    .systemLibrary(name: "CZLib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CZstandard", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    module(
      "SecantCorpus",
      [
        "CZLib", .target(name: "CZstandard", condition: .when(platforms: [.linux])),
        "SecantOperators", "SecantCheckpoints", "SecantDigests", "SecantDecoders",
        "SecantReports", "SecantAnalysis", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      resources: [
        .embedInCode("Resources/hazards.txt"), .embedInCode("Resources/groups.txt"),
      ]),
    module("SecantDemoModel", ["SecantCheckpoints"], resources: [.copy("Resources/demo")]),
    module(
      "Secant",
      [
        "SecantOperators", "SecantCheckpoints", "SecantHub", "SecantTokenizers", "SecantTemplates",
        "SecantDecoders", "SecantReports", "SecantAnalysis", "SecantRendering", "SecantDemoModel",
      ]),
    .executableTarget(
      name: "SecantCommand",
      dependencies: [
        "Secant", "SecantOperators", "SecantCorpus", "SecantExplorer", "CPlatform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "SecantBenchmarks",
      dependencies: [
        "Secant", "SecantOperators", "SecantCorpus", "SecantCheckpoints",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/Sources", swiftSettings: settings),
    .executableTarget(
      name: "SecantRecipes", dependencies: ["Secant"], path: "Examples/Recipes",
      swiftSettings: settings),

    .target(
      name: "SecantTestSupport",
      dependencies: ["SecantOperators", "SecantDigests"],
      path: "Tests/SecantTestSupport", swiftSettings: settings),
    tests(of: "SecantOperators", ["SecantCheckpoints"]),
    tests(of: "SecantCheckpoints"),
    tests(of: "SecantDigests"),
    tests(of: "SecantHub", ["SecantCheckpoints"]),
    tests(of: "SecantTokenizers", ["SecantCheckpoints"]),
    tests(of: "SecantTemplates", ["SecantCheckpoints"]),
    tests(of: "SecantDecoders", ["SecantOperators", "SecantCheckpoints"]),
    tests(of: "SecantAnalysis", ["Secant"]),
    tests(
      of: "SecantCorpus",
      [
        "Secant", "SecantAnalysis", "SecantCheckpoints", "SecantOperators",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests(of: "SecantRendering", ["SecantReports", "SecantDigests"], data: ["Golden"]),
    tests(
      of: "SecantExplorer", [.product(name: "FlyingSocks", package: "FlyingFox")]),
    tests(of: "SecantCommand", ["Secant"], data: ["Golden"]),
    .testTarget(
      name: "DocumentationTests",
      dependencies: [
        "Secant", "SecantAnalysis", "SecantCheckpoints", "SecantDecoders", "SecantDemoModel",
        "SecantHub", "SecantOperators", "SecantRendering", "SecantReports", "SecantTemplates",
        "SecantTokenizers", "SecantTestSupport",
      ], swiftSettings: settings),
  ]
)

// The documentation plugin is for Secant's own builds: clients need not resolve it.
if Context.environment["SECANT_DOCUMENTATION"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
