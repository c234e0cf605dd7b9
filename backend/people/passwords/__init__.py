"""What a good password is, and how passwords are stored."""
