import { redirectLocation, redirectStep, type RedirectStep } from '../../tt/redirect.js';

const mostRedirects = 20;

/** A request as far as a redirect changes it. */
interface Redirectable {
  readonly url: string;
  readonly method: string;
  /** How many redirects are followed: 20, or what node-fetch's `follow` says. */
  readonly follow?: number | undefined;
}

/**
 * Where the platform's fetch would go after a response; undefined where it stays.
 * @throws the platform's own reason where it would fail
 */
export function nextHop(
  response: { readonly status: number; readonly headers: { get(name: string): string | null } },
  request: Redirectable,
  redirects: number,
): RedirectStep | undefined {
  const location = redirectLocation(response);
  if (location === undefined) return undefined;
  const { protocol } = new URL(location, request.url);
  if (!/^https?:$/.test(protocol)) throw new Error('URL scheme must be a HTTP(S) scheme');
  if (redirects >= (request.follow ?? mostRedirects)) throw new Error('redirect count exceeded');
  return redirectStep(response, request);
}

type ReferrerPolicy = Request['referrerPolicy'];

const referrerPolicies: readonly ReferrerPolicy[] = [
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
];

/** The referrer policy that a redirect sets for the hops that follow, as the Fetch standard has it. */
export function referrerPolicyOf(response: Response): ReferrerPolicy | undefined {
  const named = response.headers.get('referrer-policy')?.split(',') ?? [];
  return named
    .map((text) => referrerPolicies.find((policy) => policy === text.trim()))
    .findLast((policy) => policy !== undefined);
}

/** Returns whether two URLs have one origin. */
export function isSameOrigin(url: string, other: string): boolean {
  return new URL(url).origin === new URL(other).origin;
}
