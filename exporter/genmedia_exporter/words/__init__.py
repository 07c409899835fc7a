"""The languages of our pages and reports."""
