import Testing

@Test func placeholderDecoders() {}
