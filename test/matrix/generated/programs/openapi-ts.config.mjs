const clients = ['fetch', 'axios', 'ky'];

export default clients.map((client) => ({
  input: 'openapi.json',
  output: { path: `hey-api-${client}`, importFileExtension: '.js' },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', `@hey-api/client-${client}`],
}));
