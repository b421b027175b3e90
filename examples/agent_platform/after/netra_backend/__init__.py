"""The agent platform: agents run, clients watch them over WebSocket."""
