/** What is ours on the page of the documentation. It stands at the end of the body: after the page's own script and style. */

/**
 * Swagger UI comes with a light scheme only. Where the reader's system is dark, the whole page is turned round, and its hues
 * back; examples are dark in both. It is the root that is turned: under any other element a dialog would lose its place.
 */
export const style = `
html { background: #fff; }
@media (prefers-color-scheme: dark) {
  html { filter: invert(92%) hue-rotate(180deg); }
  .swagger-ui .microlight { filter: invert(100%) hue-rotate(180deg); }
  .swagger-ui .dialog-ux .backdrop-ux { background: rgb(255 255 255 / 80%); }
}
`

/**
 * It changes how the page's own script starts Swagger UI, which it does once the page is loaded.
 *
 * - Each operation has an address, \`/docs#/Payments/listPayments\`, which opens it.
 * - Swagger UI knows no other HTTP scheme than bearer and basic. It can fill in the header all the same.
 * - Credentials that were entered outlive a reload. They are gone with the tab, unlike those of Swagger UI's own option.
 */
export const script = `
{
  const KEY = "bot-analytics-credentials";
  const start = window.SwaggerUIBundle;
  const asHeader = { type: "apiKey", in: "header", name: "Authorization" };
  const withTma = (spec) => {
    const { securitySchemes, ...components } = spec.components;
    if (securitySchemes.tma === undefined) return spec;
    const tma = { ...asHeader, description: securitySchemes.tma.description + ". Write it here with the word tma before it." };
    return { ...spec, components: { ...components, securitySchemes: { ...securitySchemes, tma } } };
  };
  const keepCredentials = (ui) => {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null) ui.authActions.authorize(JSON.parse(kept));
    ui.getStore().subscribe(() => sessionStorage.setItem(KEY, JSON.stringify(ui.authSelectors.authorized())));
  };
  window.SwaggerUIBundle = ({ spec, ...options }) => {
    const ui = start({
      ...options,
      spec: withTma(spec),
      deepLinking: true,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      onComplete: () => keepCredentials(ui)
    });
    return ui;
  };
}
`
