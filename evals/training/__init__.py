"""Training data of what was measured: failed attempts corrected by a reflector, and examples for fine-tuning."""
