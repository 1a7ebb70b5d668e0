"""Commands for people at a terminal. The only part of the engine that opens sockets and draws on screens."""
