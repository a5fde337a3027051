"""The recording socket, and what waits for several sockets at once."""
