"""The coordinator's rota: who is on, where somebody is missing, and everything that can be done about it."""
