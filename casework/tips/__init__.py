"""Tips: taken in anonymously, worked as a queue, verified by a named person with independent evidence (§3.3.d)."""
