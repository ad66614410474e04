"""Numbers in running text and small pages of HTML."""
