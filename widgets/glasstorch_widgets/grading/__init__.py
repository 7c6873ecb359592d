"""How a notebook hands code in: where the service is, talking to it, and keeping what could not be sent yet."""
