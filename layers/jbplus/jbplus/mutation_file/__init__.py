"""The daily mutation file of WEWIS: its form, its records, and the report that answers it."""
