"""Tables, repositories and the database behind them."""
