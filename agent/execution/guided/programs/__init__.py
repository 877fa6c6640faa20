"""Programs that run in the sandbox. They use the standard library only and are sent there as source."""
