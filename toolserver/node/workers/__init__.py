"""Programs that the node starts as processes of their own; the node imports none of them, nor what they import."""
