"""The protocol of decision quality; see ``__main__``."""
