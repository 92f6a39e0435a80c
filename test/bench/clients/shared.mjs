// What several clients have in common.
export function tokenForm({ name }) {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: name,
    client_secret: 'secret',
  });
}

/** The token call that a user writes by hand. */
export async function requestToken(settings) {
  const response = await fetch(`${settings.origin}/token`, {
    method: 'POST',
    body: tokenForm(settings),
  });
  if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
  const { access_token, expires_in } = await response.json();
  return { accessToken: access_token, expiresAt: Date.now() + expires_in * 1_000 };
}

export const memoryFetch = async () => new Response('ok', { status: 200 });

const realFetch = fetch;
export function fetchFor({ api }) {
  return api === 'memory' ? memoryFetch : realFetch;
}

/** Reads the body, so that the connection can be used again. */
export async function finish({ api }, response) {
  if (api === 'http') await response.arrayBuffer();
  return response.status;
}
