// SecantRendering
