export default {
  logLevel: 'error',
  ssr: { noExternal: true },
  build: {
    ssr: process.env.MATRIX_SOURCE,
    outDir: process.env.MATRIX_OUT,
    target: 'node20',
    rollupOptions: { output: { entryFileNames: 'app.mjs' } },
  },
};
