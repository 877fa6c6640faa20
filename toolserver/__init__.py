"""The ToolServer runs tools in isolated sandboxes; it knows nothing of the agent and serves any MCP client."""

from typing import Final

__version__: Final = "0.1.0"
