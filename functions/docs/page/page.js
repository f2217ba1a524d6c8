// The page shows; it sends nothing: no token and no person's number belong in a browser's page.
SwaggerUIBundle({
  url: "doc/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: false,
  docExpansion: "list",
  supportedSubmitMethods: [],
  validatorUrl: null,
});
