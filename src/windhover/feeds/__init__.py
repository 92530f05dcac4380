"""Where observations come from: files here, sockets in the modules of their protocols."""
