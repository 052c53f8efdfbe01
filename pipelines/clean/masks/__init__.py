"""What is masked in running text, a kind a file: each finds places by their shape and decides by their context."""
