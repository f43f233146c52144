"""The bundled sample and the command that builds it. A developer's room: the product reads only the archive."""
