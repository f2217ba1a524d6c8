"""The edge to the API: requests in, answers and problems out, as the Belgif REST guide and MAGDA have them."""
