"""Tools that users write themselves: functions that run in the sandbox."""
