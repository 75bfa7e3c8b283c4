"""The commands, a module each. A command takes the parsed arguments and gives the exit status."""
