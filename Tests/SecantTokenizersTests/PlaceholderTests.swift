import Testing

@Test func placeholderTokenizers() {}
