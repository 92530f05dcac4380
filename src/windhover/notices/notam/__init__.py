"""NOTAMs: read every text into a structured notice or a precise reason, and write correct ones."""
