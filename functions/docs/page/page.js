// The page shows; it sends nothing: no token and no person's number belong in a browser's page.
"use strict";

const PLACEHOLDER = "https://exchange.example";
const field = document.getElementById("base");
// This page stands at /v1/doc below the API's address.
field.value = location.href.split("#")[0].replace(/\/v1\/doc\/?$/, "");
field.form.addEventListener("submit", (event) => event.preventDefault());

// Samples of a call, above its answers, with the address that the field has.
function Samples({ React, path, method, specSelectors }) {
  const [base, setBase] = React.useState(field.value);
  React.useEffect(() => {
    const changed = () => setBase(field.value.replace(/\/+$/, ""));
    field.addEventListener("input", changed);
    return () => field.removeEventListener("input", changed);
  }, []);
  const samples = specSelectors.specJson().getIn(["paths", path, method, "x-codeSamples"]);
  if (!samples) return null;
  const h = React.createElement;
  return h("div", { className: "samples" }, samples.toArray().map((sample) =>
    h("details", { key: sample.get("label"), open: sample.get("lang") === "Shell" },
      h("summary", null, sample.get("label")),
      h("pre", null, sample.get("source").replaceAll(PLACEHOLDER, base)))));
}

// Where API Gateway answers in its own form too, the exchange's own stands first.
function withProblem(props) {
  const problem = "application/problem+json";
  return props.response?.getIn(["content", problem]) ? { ...props, contentType: problem } : props;
}

function OurWays({ React }) {
  return {
    wrapComponents: {
      response: (Original) => (props) => React.createElement(Original, withProblem(props)),
      responses: (Original) => (props) => React.createElement(React.Fragment, null,
        React.createElement(Samples, { ...props, React }), React.createElement(Original, props)),
    },
  };
}

SwaggerUIBundle({
  url: "doc/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: false,
  docExpansion: "list",
  plugins: [OurWays],
  supportedSubmitMethods: [],
  validatorUrl: null,
});
