"""A Jupyter Server extension that sends small kernel messages at once.

Jupyter Server leaves TCP's Nagle algorithm on for the websocket between browser and kernel. Together with
delayed acknowledgements it holds back the second of two small messages for some 40 ms, which is most of
the time between an edit in a live graph and the changed numbers on the screen. TCP_NODELAY ends the wait.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "glasstorch_widgets.server_extension"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Wrap whichever kernel connection class the server is configured with."""
    settings = serverapp.web_app.settings
    settings["kernel_websocket_connection_class"] = without_delay(
        settings["kernel_websocket_connection_class"]
    )


def without_delay(connection_class: type) -> type:
    """A subclass that turns TCP_NODELAY on as soon as the browser connects."""

    class NoDelayConnection(connection_class):
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return NoDelayConnection
