"""The files that WEWIS sends: their form, their records, and the report that answers them."""
