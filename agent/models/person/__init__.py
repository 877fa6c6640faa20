"""A person in the model's seat: at the terminal, or through a folder of requests and responses."""
