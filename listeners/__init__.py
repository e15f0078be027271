"""Who may take this call: standing, matching, claims and welfare."""
