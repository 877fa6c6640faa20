"""A sandbox served to any MCP client, on standard streams or over HTTP."""
