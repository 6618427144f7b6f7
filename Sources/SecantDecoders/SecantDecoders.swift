// SecantDecoders
