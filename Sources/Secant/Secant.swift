@_exported import SecantCheckpoints
@_exported import SecantDecoders
@_exported import SecantOperators
