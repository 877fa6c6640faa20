"""The web application: shows runs, and lets a person steer them."""
