"""How the kernel sees a socket: state, addresses, what waits in its queues."""
