// The application under test: it is given a fetch, and knows nothing of tokens.
export async function readMarkets(ttFetch, baseUrl) {
  const response = await ttFetch(`${baseUrl}/ttpds/ext_uat_cert/markets`);
  if (!response.ok) throw new Error(`markets: ${response.status}`);
  return (await response.json()).markets.map(({ name }) => name);
}
