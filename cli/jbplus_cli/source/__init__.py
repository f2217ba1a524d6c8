"""WEWIS's side of the exchange: files made from payments, sent, and their reports fetched."""
