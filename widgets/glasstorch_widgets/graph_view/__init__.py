"""The computation graph as a picture: layout, wire format, live view and its static forms."""
