"""What arrays, columns and labels of other people mean."""
