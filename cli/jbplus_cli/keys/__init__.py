"""The keys of the pseudonyms, as operators rotate them."""
