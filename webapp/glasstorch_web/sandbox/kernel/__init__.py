"""Thin ctypes faces of the kernel's isolation mechanisms; one file per mechanism, no policy beyond it."""
