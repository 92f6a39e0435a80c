/** A fetch that grants `token-1`, `token-2` ... at once, and counts. */
export function grantingFetch(lifetimeSeconds = 86_400): {
  fetch: typeof fetch;
  granted: () => number;
} {
  let number = 0;
  return {
    granted: () => number,
    fetch: () =>
      Promise.resolve(
        Response.json({
          status: 'Ok',
          access_token: `token-${++number}`,
          token_type: 'bearer',
          seconds_until_expiry: lifetimeSeconds,
        }),
      ),
  };
}
