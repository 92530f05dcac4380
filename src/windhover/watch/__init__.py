"""Other people's notices, already decoded: what is unusual about them, and why. Never intent."""
