export default { test: { include: ['app.vitest.mjs'] } };
