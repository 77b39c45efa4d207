"""A session started ahead: everything is imported, nobody's work is near, and it waits to be told whose it becomes.

``python -m waiting`` is the command of a container in the hub's pool. It listens on a unix socket that only the hub can
reach. Once, and only once, it is told an environment and arguments; it takes them as its own, lays out the labs and
becomes the single-user server in the same process, tenths of a second instead of seconds.
"""
