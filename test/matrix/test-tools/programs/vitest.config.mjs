// A page may not call another origin unless the server lets it, which TT does not.
const happyDOM = { settings: { fetch: { disableSameOriginPolicy: true } } };

export default { test: { include: ['*.vitest.mjs'], environmentOptions: { happyDOM } } };
