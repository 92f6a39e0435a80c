import fc from 'fast-check';
import type { Answer, Ending, Plan } from './echo-server.js';

/** One call, in the terms that all clients have in common, the options of each, and what comes back. */
export interface Case {
  readonly method: string;
  /** Path, query and fragment. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: { readonly kind: BodyKind; readonly text: string };
  readonly read: 'text' | 'json' | 'arrayBuffer' | 'stream';
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly plan: Plan;
  /** Whether and when the caller gives up: he cannot; he could; by his timeout or signal; before he begins. */
  readonly stop: 'cannot' | 'could' | 'timeout' | 'abort' | 'aborted';
  /** Whether he gives his own reason. */
  readonly hasReason: boolean;
  /** Whether the manager gives its token at once. */
  readonly isTokenAtHand: boolean;
  readonly fetch: {
    readonly input: 'string' | 'URL' | 'Request' | 'Request and init';
    readonly headers: 'object' | 'pairs' | 'Headers';
    readonly cache: 'default' | 'no-store' | 'reload';
    /** A hash that the answer does not have, or of an unknown kind. */
    readonly integrity: string;
  };
  readonly axios: {
    readonly maxRedirects: number | undefined;
    readonly validateStatus: 'default' | 'none' | 'all' | 'below 500';
    readonly hasBaseURL: boolean;
    readonly params: 'none' | 'object' | 'URLSearchParams';
    readonly maxContentLength: number;
    readonly maxBodyLength: number;
    readonly decompress: boolean;
    readonly silentJSONParsing: boolean;
    readonly clarifyTimeoutError: boolean;
    readonly timeoutErrorMessage: string | undefined;
    readonly stopsBy: 'signal' | 'cancelToken';
    /** Whether a body for JSON is sent by `postForm` instead, over http. */
    readonly isPostForm: boolean;
  };
  readonly ky: {
    readonly throwHttpErrors: boolean;
    readonly isShortcut: boolean;
    readonly hasSearchParams: boolean;
  };
}

export type BodyKind =
  'none' | 'text' | 'json' | 'form' | 'FormData' | 'Blob' | 'bytes' | 'ArrayBuffer' | 'stream';

const { boolean, constant, constantFrom: oneOf, record, tuple } = fc;
const listOf = <Value>(...values: Value[]): fc.Arbitrary<Value[]> =>
  fc.array(oneOf(...values), { maxLength: 4 });
const weighted = <Value>(...choices: [weight: number, arbitrary: fc.Arbitrary<Value>][]) =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const segments = ['a', 'a%20b', 'a b', 'ü', '%C3%BC', 'a;b=1', '%zz', "it's(1)", '*'];
const parameters = [
  ...['a=1', 'a=2', 'b=%28x%29', 'c=x y', 'c=x%20y', 'c=x+y', 'd', '=e', 'f=', 'g=ü', 'h[]=1'],
  ...['i=%', 'j="<>', "k='", 'l=a=b', 'm=/?:@', 'requestIdentity=1', 'n=%2B&n=+', ''],
];
const target = tuple(
  listOf(...segments).map((names) => `/${names.join('/')}`),
  // An empty parameter at the end is the place for the request ID, and does not stay.
  listOf(...parameters).map((list) => list.join('&').replace(/&+$/, '')),
  oneOf('', '', '', '#part', '#a?b=1&c'),
).map(([path, query, fragment]) => path + (query && `?${query}`) + fragment);

const goodHeaders = listOf<readonly [string, string]>(
  ['x-own', '1'],
  ['X-Own', 'two, three'],
  ['X-Latin', 'caf\u00e9'],
  ['x-empty', ''],
  ['accept', 'application/json'],
  ['Accept-Encoding', 'identity'],
  ['Content-Type', 'application/vnd.own+json; charset=utf-8'],
  ['content-type', 'text/plain'],
  ['cookie', 'session=1'],
  ['User-Agent', 'own/1'],
  ['if-none-match', '"tag"'],
  ['Cache-Control', 'no-cache'],
);

const headers = weighted<Case['headers']>(
  [19, goodHeaders],
  [1, constant([['x-bad', 'two\nlines']])],
);

const none = { kind: 'none', text: '' } as const;
const body = record({
  kind: oneOf<BodyKind>(
    'text',
    'json',
    'form',
    'FormData',
    'Blob',
    'bytes',
    'ArrayBuffer',
    'stream',
  ),
  text: weighted(
    [9, oneOf('', 'text', 'ünïcode ✓', '{"qty":1}', 'a=1&b=2', 'x'.repeat(20_000))],
    [1, oneOf('y'.repeat(1_048_575), 'y'.repeat(1_048_577), 'y'.repeat(2_500_000))],
  ),
});
const request = weighted<Pick<Case, 'method' | 'body'>>(
  [4, record({ method: oneOf('GET', 'get', 'HEAD', 'DELETE', 'OPTIONS'), body: constant(none) })],
  [4, record({ method: oneOf('POST', 'post', 'PUT', 'PATCH', 'DELETE'), body })],
  // What some client refuses, or writes in its own way.
  [1, record({ method: oneOf('GET', 'HEAD', 'PROPFIND', 'propfind'), body })],
);

// No 401: that is where a wrapped client is meant to differ.
const statuses = [
  ...[200, 200, 200, 200, 201, 202, 203, 204, 205, 206, 226, 300, 304, 305, 306, 399],
  ...[400, 402, 403, 404, 405, 407, 408, 409, 410, 413, 418, 422, 425, 426, 429],
  ...[500, 501, 502, 503, 504, 507, 599],
];
const answer: fc.Arbitrary<Answer> = record({
  status: oneOf(...statuses),
  reason: oneOf(undefined, undefined, 'Very Odd', ''),
  headers: listOf<readonly [string, string]>(
    ['content-type', 'application/json'],
    ['content-type', 'text/plain; charset=utf-8'],
    ['content-type', 'application/problem+json'],
    ['set-cookie', 'a=1; Path=/'],
    ['set-cookie', 'b=2'],
    ['retry-after', '1'],
    ['x-many', 'one'],
    ['x-many', 'two'],
    ['location', '/not-followed'],
    ['etag', '"tag"'],
  ),
  body: oneOf(
    ...['', '{"a":[1,2,{"b":"ü"}]}', '{"broken":', '\ufeff{"a":1}', 'plain text', 'null', '0'],
    'x'.repeat(70_000),
  ),
  encoding: oneOf<Answer['encoding']>('none', 'none', 'none', 'gzip', 'deflate', 'br'),
  hasLength: boolean(),
});

const location = oneOf(
  ...['/next', '/next?x=1&x=2#part', 'beside', '?only=query', '#only', '', '/a b?c=d e'],
  ...['{own}/abs?x=%28ü%29', '{sibling}/there', '{sibling}/there?x=1', '{foreign}/there?x=1'],
  ...['http://[', 'ftp://127.0.0.1/file', 'data:text/plain,x', undefined],
);
const hops = fc.array(record({ status: oneOf(301, 302, 303, 307, 308), location }), {
  maxLength: 3,
});

type Fate = Pick<Case, 'plan' | 'stop'>;
const fateOf = (
  ending: fc.Arbitrary<Ending>,
  stop: fc.Arbitrary<Case['stop']>,
  before: fc.Arbitrary<Plan['hops']> = weighted([1, constant<Plan['hops']>([])], [1, hops]),
): fc.Arbitrary<Fate> =>
  record({
    plan: record({
      hops: before,
      goesRound: weighted([19, constant(false)], [1, constant(true)]),
      ending,
    }),
    stop,
  });
const fate = weighted<Fate>(
  [12, fateOf(answer, oneOf('cannot', 'could'))],
  [1, fateOf(answer, constant('aborted'))],
  [
    4,
    fateOf(
      oneOf<Ending>('reset', 'hang-up', 'no-http', 'cut-off', 'cut-off-chunked'),
      oneOf('cannot', 'could'),
    ),
  ],
  [1, fateOf(constant('silent'), constant('abort'))],
  [1, fateOf(constant('silent'), constant('timeout'), constant([]))],
  [1, fateOf(constant('stuck'), constant('abort'))],
);

const options = record({
  target,
  headers,
  read: oneOf<Case['read']>('text', 'json', 'arrayBuffer', 'stream'),
  redirect: oneOf<Case['redirect']>('follow', 'follow', 'follow', 'follow', 'manual', 'error'),
  hasReason: boolean(),
  isTokenAtHand: boolean(),
  fetch: record({
    input: oneOf<Case['fetch']['input']>('string', 'URL', 'Request', 'Request and init'),
    headers: oneOf<Case['fetch']['headers']>('object', 'pairs', 'Headers'),
    cache: oneOf<Case['fetch']['cache']>('default', 'default', 'default', 'no-store', 'reload'),
    integrity: oneOf('', '', '', '', '', 'md5-abc', 'sha256-AAAA'),
  }),
  axios: record({
    maxRedirects: oneOf(undefined, undefined, undefined, 0, 1, 2, 5),
    validateStatus: oneOf<Case['axios']['validateStatus']>('default', 'none', 'all', 'below 500'),
    hasBaseURL: boolean(),
    params: oneOf<Case['axios']['params']>('none', 'none', 'object', 'URLSearchParams'),
    maxContentLength: oneOf(-1, -1, -1, -1, 20),
    maxBodyLength: oneOf(-1, -1, -1, -1, 20),
    decompress: oneOf(true, true, true, false),
    silentJSONParsing: boolean(),
    clarifyTimeoutError: boolean(),
    timeoutErrorMessage: oneOf(undefined, 'too slow'),
    stopsBy: oneOf<Case['axios']['stopsBy']>('signal', 'signal', 'cancelToken'),
    isPostForm: boolean(),
  }),
  ky: record({ throwHttpErrors: boolean(), isShortcut: boolean(), hasSearchParams: boolean() }),
});

/** Calls of all kinds that have nothing to do with a manager. */
export const cases: fc.Arbitrary<Case> = tuple(request, fate, options).map(([...parts]) =>
  withoutDeliberate(Object.assign({}, ...parts) as Case),
);

/** Takes out what a wrapped client does differently on purpose. */
function withoutDeliberate(asked: Case): Case {
  const { plan, body, stop, method } = asked;
  // Contract, Adapters 4: a body goes to trusted origins only. Redirects of a foreign origin are counted anew.
  const staysInside = body.kind !== 'none' || plan.goesRound;
  const inside = (place: string | undefined): string | undefined =>
    place?.replace('{foreign}', '{sibling}').replace(/^(ftp|data):.*/, '/next');
  const hops = plan.hops.map((hop) => ({ ...hop, location: inside(hop.location) }));
  return {
    ...asked,
    ...(staysInside && { plan: { ...plan, hops } }),
    // Node's server refuses `propfind` by itself, at its own time: it cannot be silent then.
    ...((plan.ending === 'silent' || plan.ending === 'stuck') &&
      method === 'propfind' && { method: 'PROPFIND' }),
    // The answer to a HEAD ends with its headers for the client, and never for the server: the connection is stuck.
    ...(plan.ending === 'stuck' && method === 'HEAD' && { method: 'GET' }),
    // Of a call that is wrong and given up at once, bare clients tell the one, wrapped clients the other.
    ...(stop === 'aborted' && { body: none, headers: [] }),
  };
}
