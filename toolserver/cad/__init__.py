"""What runs in a CAD sandbox: programs that make solids, and everything that judges what they made."""
