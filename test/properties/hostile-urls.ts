import fc from 'fast-check';

/** The host that everybody wants to look like. */
export const ownHost = 'ttrestapi.trade.tt';

const blanks = ['\t', '\n', '\r', ' ', '\0', '\u00a0', '\u200b', '\u00ad', '\ufeff'];
const separators = ['/', '\\', '@', ':', '?', '#', '.', '%', '&', '=', '[', ']', '|', '<', '^'];
const lookalikes = [
  ...['\u3002', '\uff0e', '\uff61', '\u2024', '\uff0f', '\u2044', '\uff20', '\ufe55', '\uff1a'],
  ...['\u0442', '\u0430', '\u1d57', '\uff54', '\u{1d4c9}', '\u0131', '\u212a', '\u00df', '\ud800'],
];

const schemes = [
  ...['https:', 'http:', 'HTTPS:', 'hTtP:', 'h\tttps:', 'http\n:', ' https:', '\0http:', ''],
  ...['wss:', 'ws:', 'ftp:', 'file:', 'blob:https:', 'blob:http:', 'data:', 'javascript:'],
  ...['view-source:https:', 'https', 'https\u200b:', '\ufeffhttps:', 'https%3a', 'urn:', 'https::'],
];
const slashes = [
  '//',
  '//',
  '//',
  '/',
  '',
  '///',
  '\\\\',
  '/\\',
  '\\/',
  '\\',
  '/\t/',
  '//\n',
  '%2f%2f',
];
const userInfos = [
  ...[
    '',
    '',
    '',
    'user@',
    'user:password@',
    '@',
    ':@',
    'a@b@',
    'a%40b@',
    '%2f@',
    '\\@',
    '#@',
    '?@',
    '/@',
  ],
  ...['', ':443', '%2f', '%00', '\\', '/', '#', '?', '.', ' '].map((end) => `${ownHost}${end}@`),
];
const hosts = [
  ...[ownHost, ownHost, ownHost, 'apigateway.trade.tt', 'tt-proxy.example', 'a.b.trade.tt'],
  ...[
    'trade.tt',
    '.trade.tt',
    'a..trade.tt',
    'evil-trade.tt',
    'eviltrade.tt',
    'trade.tt.evil.example',
  ],
  ...[`${ownHost}.`, `${ownHost}..`, `${ownHost}.evil.example`, `evil.example.${ownHost}`],
  ...[`${ownHost}%2eevil.example`, `${ownHost}%00.evil.example`, `evil.example%2f.trade.tt`],
  ...[`%74trestapi.trade.tt`, 'ttrestapi%2etrade%2ett', `ttrestapi%252etrade.tt`, `${ownHost}%20`],
  ...['ttrestapi\u3002trade\uff0ett', '\uff54trestapi.trade.tt', 'ttrestapi.tr\u00adade.tt'],
  ...['tt\u0440estapi.tr\u0430de.tt', 'xn--ttrestapi.trade.tt', 'xn--.trade.tt', 'evil.example'],
  ...['localhost', 'LOCALHOST.', '127.0.0.1', '127.1', '0x7f.1', '2130706433', '017700000001'],
  ...['[::1]', '[0:0::1]', '[::ffff:127.0.0.1]', '[::1%25lo]', '', '*', '_', '%', 'a b'],
];
const ports = [
  ...['', '', '', ':', ':443', ':80', ':8080', ':8443', ':08080', ':00443', ':99999', ':-1'],
  ...[
    ':8080@evil.example',
    ':8080.evil.example',
    ':%38080',
    ':8\t080',
    ':80 80',
    ':\uff18080',
    ':x',
  ],
];
const rests = [
  ...['', '/', '/ttpds/ext_uat_cert/markets?a=1#part', '?a=1', '#part', '\\', '\\@evil.example/'],
  ...[
    '/@evil.example',
    '//evil.example/x',
    '/..//evil.example',
    '/\\evil.example',
    '?@evil.example',
  ],
  ...[
    '#@evil.example',
    ' ',
    '\t/x',
    '/x ',
    '%2f@evil.example/',
    ';@evil.example',
    '&x',
    '.evil.example/',
  ],
];

const nasty = fc.constantFrom(...blanks, ...separators, ...lookalikes, 'e', 'T', '0');

function mixedCase(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.bigInt({ min: 0n, max: 2n ** 40n }))
    .map(([value, bits]) =>
      Array.from(value, (character, index) =>
        (bits >> BigInt(index)) & 1n ? character.toUpperCase() : character,
      ).join(''),
    );
}

/** Puts up to three nasty characters into a text, each in place of a character or beside it. */
function spoilt(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(), fc.nat(1), nasty);
  return fc.tuple(text, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([value, edits]) =>
    edits.reduce((soFar, [place, removed, character]) => {
      const at = place % (soFar.length + 1);
      return soFar.slice(0, at) + character + soFar.slice(at + removed);
    }, value),
  );
}

const assembled = fc
  .tuple(
    fc.constantFrom(...schemes),
    fc.constantFrom(...slashes),
    fc.constantFrom(...userInfos),
    fc.oneof(fc.constantFrom(...hosts), mixedCase(fc.constantFrom(...hosts)), fc.domain()),
    fc.constantFrom(...ports),
    fc.constantFrom(...rests),
  )
  .map((parts) => parts.join(''));

/** An origin written in all the ways that come near it, right and wrong. */
function near(origin: string): fc.Arbitrary<string> {
  const { protocol, hostname, port } = new URL(origin);
  const written = fc
    .tuple(
      fc.constantFrom(protocol, protocol, ` ${protocol}`, 'https:', 'http:'),
      fc.constantFrom('//', '//', ...slashes),
      fc.constantFrom('', '', '', ...userInfos),
      fc.constantFrom(hostname, hostname, ownHost, 'apigateway.trade.tt', 'evil.example'),
      fc.constantFrom(port && `:${port}`, port && `:${port}`, ':443', ':80', ''),
      fc.constantFrom(...rests),
    )
    .map((parts) => parts.join(''));
  const right = fc.constantFrom(...rests).map((rest) => origin + rest);
  return fc.oneof(written, mixedCase(written), spoilt(right), spoilt(written), right);
}

/** Texts that a URL parser, or a careless check, could take for a URL of one of the origins. */
export function hostileUrl(...origins: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...origins.map(near)) },
    { weight: 3, arbitrary: assembled },
    { weight: 1, arbitrary: spoilt(assembled) },
    { weight: 1, arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

/** Such texts and relative references, as they stand in a `Location` or an axios `url`. */
export function hostileReference(...origins: readonly string[]): fc.Arbitrary<string> {
  const starts = ['', '/', '//', '\\\\', '/\\', '///', './', '../', '?', '#', ' ', '\t/'];
  const ends = fc.oneof(hostileUrl(...origins), fc.constantFrom(...hosts, ...rests));
  return fc.oneof(
    hostileUrl(...origins),
    fc.tuple(fc.constantFrom(...starts), ends).map((parts) => parts.join('')),
    spoilt(fc.constantFrom('/ttpds/ext_uat_cert/markets', 'markets?a=1', '?a=1&b=2')),
    fc.webPath(),
  );
}
