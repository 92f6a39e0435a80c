const target = (client, library, name) => ({
  input: 'openapi.json',
  output: {
    target: `orval-${library}.ts`,
    client,
    override: { mutator: { path: `send-by-${library}.ts`, name } },
  },
});

export default {
  fetch: target('fetch', 'fetch', 'send'),
  axios: target('axios-functions', 'axios', 'ask'),
};
