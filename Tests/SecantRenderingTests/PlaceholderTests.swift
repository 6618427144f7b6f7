import Testing

@Test func placeholderRendering() {}
