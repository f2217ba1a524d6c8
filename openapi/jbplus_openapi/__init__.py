"""The API's own description: an OpenAPI document, generated from the calls and models of the code."""
