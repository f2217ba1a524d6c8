"""A month of the exchange for managers and case handlers: one page, and the same figures for programs."""
