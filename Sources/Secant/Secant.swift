// The umbrella: `import Secant` imports the whole library.
@_exported public import SecantAnalysis
@_exported public import SecantCheckpoints
@_exported public import SecantDecoders
@_exported public import SecantDemoModel
@_exported public import SecantHub
@_exported public import SecantOperators
@_exported public import SecantRendering
@_exported public import SecantReports
@_exported public import SecantTemplates
@_exported public import SecantTokenizers
