print("secant")
