"""The web page that staff and coordinators watch while the line works."""
