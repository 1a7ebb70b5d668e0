"""Commands for people at a terminal. The only part of the engine that opens sockets and draws on screens.

The integration borrows the UDP port (`transport`) and how a model folder is written (`model_folder`).
"""
