"""Programs that the node starts as processes of their own. Standard library only; nothing imports them."""
