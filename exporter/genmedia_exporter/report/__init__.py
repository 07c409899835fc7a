"""What people and programs are told, in one form for pages, the API and the command line."""
