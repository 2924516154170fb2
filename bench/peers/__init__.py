"""The same page, built in two other ways."""
