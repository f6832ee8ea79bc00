"""Documents that users write: their text with its places, all mistakes in it, their calendars and their schema."""
