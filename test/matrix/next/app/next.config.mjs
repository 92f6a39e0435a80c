// The packages are those of the set, three folders up.
const root = process.env.MATRIX_SET;

export default { outputFileTracingRoot: root, turbopack: { root } };
