"""The RuView engine: Wi-Fi CSI datagrams in, honest room readings out. Knows no Home Assistant, no clock, no socket."""
