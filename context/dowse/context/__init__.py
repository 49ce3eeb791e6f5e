"""What the user asked, where, and what the code around and below holds."""
