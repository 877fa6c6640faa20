"""MCP servers of others, whose tools stand beside those of a sandbox. Whatever they send is hostile."""
