"""LiveServer: any function in a thread, where it stands, and what it prints."""
