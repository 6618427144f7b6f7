import ArgumentParser
import Foundation
import Secant

/// `secant layers`: how the answer emerges, block after block.
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Shows how the answer emerges: each token's map to every block.",
    usage: """
      secant layers [<options>] <prompt>
      secant layers [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Prints for every block the logit lens (the likeliest token, the entropy, and the target's probability and \
      rank) and the block's exact share of the target, for a few passes at any length. Then, for the maps \
      from the embeddings to every block that --spectra selects, it prints the leading singular values, the \
      stable rank and the words that they write; --highlight marks words. Blocks are counted from 0, as in the \
      tensors' names.

        secant layers "The bridge out of Marin is the" --highlight golden,bridge
        secant layers "The capital of France is" --spectra none --grid
        secant layers "The capital of France is" --sites attention --local
        secant layers "The capital of France is" --csv l.csv -o l.safetensors
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var target: TargetOptions

  @Option(
    help: ArgumentHelp(
      """
      The sites of each block: residual, attention and feedForward, separated by commas. \
      (default: residual)
      """,
      valueName: "sites"),
    transform: SiteList.init)
  var sites = SiteList(sites: [.residual])

  @Flag(help: "Also decompose each block's own map, from its input.")
  var local = false

  @Flag(help: "Also the target's probability after every block at every position, as shaded cells.")
  var grid = false

  @Option(
    help: ArgumentHelp(
      "Words, separated by commas, to look for among the decoded tokens.", valueName: "words"),
    transform: WordList.init)
  var highlight = WordList(words: [])

  @Option(
    parsing: .unconditional,
    help: "The position at which blocks are read, from 0; a negative number counts from the end.")
  var position = -1

  @Option(
    help: ArgumentHelp(
      "The maps through the origin and the sites' values (detached), or the derivatives (ordinary).",
      valueName: "kind"))
  var kind = JacobianKind.detached

  @OptionGroup var gate: GateOptions
  @OptionGroup var spectra: SpectraOptions

  @Option(parsing: .unconditional, help: "The number of singular triplets of each map.")
  var rank = 3

  @OptionGroup var method: MethodOptions

  @Option(parsing: .unconditional, help: .tolerance())
  var tolerance = 1e-2

  @OptionGroup var seed: SeedOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: That a number is out of range.
  func validate() throws { try checkTriplets(rank: rank, tolerance: tolerance) }

  /// - Throws: Why there is no result.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planLayers(inquiry.prompt, options)
    } ask: { inquiry in
      try inquiry.model.layers(inquiry.prompt, options) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }

  private var options: LayersOptions {
    var options = LayersOptions()
    options.sites = sites.sites
    options.includesLocal = local
    options.includesGrid = grid
    options.concepts = highlight.words
    options.kind = kind
    options.spectra = spectra.spectra
    options.maximumSeconds = spectra.maxSeconds
    options.position = position
    options.target = target.value
    options.gate = gate.gate
    options.rank = rank
    options.method = method.method
    options.tolerance = tolerance
    options.seed = seed.seed
    options.memory = memory.memory.bytes
    options.commandLine = Invocation.current.commandLine
    return options
  }
}
