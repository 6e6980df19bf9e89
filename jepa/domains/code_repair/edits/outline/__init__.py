"""What a function is made of, and where its tokens are."""
