"""The project's methods beside other implementations of them, each in an environment of its own."""
