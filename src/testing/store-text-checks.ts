import { expectText, expectThat, shown, write, type KeepsPromise } from './store-bench.js';

/** The size of a text of 16 KB: encrypted records with long tokens stay far below. */
const largeLength = 16_384;
const largeText = (character: string): string => character.repeat(largeLength);

/**
 * Every character that a text may hold, in texts of at most 12 KB. The package writes JSON and Base64, in which there
 * is neither a NUL, which PostgreSQL does not keep, nor half of a surrogate pair, which is no Unicode.
 */
function* textsOfAllCharacters(): Generator<string> {
  const perText = 4_096;
  for (let first = 0; first < 0x10000; first += perText) {
    const codes = Array.from({ length: perText }, (_, index) => first + index);
    yield String.fromCharCode(...codes.filter((code) => code > 0 && (code & 0xf800) !== 0xd800));
  }
  // One in each 256 of the other planes.
  const others = Array.from({ length: 0x1000 }, (_, index) => 0x10000 + index * 0x100);
  yield String.fromCodePoint(...others.slice(0, perText / 2));
  yield String.fromCodePoint(...others.slice(perText / 2));
}

/** What a store may change in passing: ends of lines, white space, a byte order mark, forms of one letter. */
const delicateTexts = [
  ...[
    ' ',
    '\n',
    '\r\n',
    '\r',
    '\ta\t',
    ' a \n\n',
    '\u2028\u2029',
    '\ufeff{}',
    '\u0001\u001f\u007f',
  ],
  ...['0', 'null', 'undefined', '{"a":1}', `' " \\ \` $1 %s`, '\u00e9 e\u0301 \u{1f511}'],
];

/** The promises about the text. */
export const textChecks: Readonly<Record<string, KeepsPromise>> = {
  'open touches nothing and never throws': async ({ open, ask, take, identity }) => {
    const [one, baseUrl] = [open(), `https://tt.example/${'long/'.repeat(200)}`];
    await write(one, 'before');
    const lease = await take(one);
    for (let count = 0; count < 100; count++) open();
    open({ ...identity, baseUrl, environment: 'LIVE' });
    await expectText(one, 'before', 'after further sessions were opened');
    const second = await ask(open());
    expectThat(second === undefined, 'after further sessions were opened, the lock was free');
    await lease.release();
  },

  'read gives undefined where nothing has been written': async ({ open, store }) => {
    if (store.isOfOneText) return;
    await expectText(open(), undefined, 'before any write');
  },

  'a text comes back as it was written, in every session': async ({ open }) => {
    const [one, other] = [open(), open()];
    for (const text of ['first', '', largeText('x'), 'last']) {
      await write(one, text);
      await expectText(one, text, 'in the session that wrote it,');
      await expectText(other, text, 'in another session');
      await expectText(open(), text, 'in a later session');
    }
  },

  'white space, line ends and other delicate texts come back as written': async ({ open }) => {
    const [one, other] = [open(), open()];
    for (const text of delicateTexts) {
      await write(one, text);
      await expectText(other, text, 'for a delicate text');
    }
  },

  'every character comes back': async ({ open }) => {
    const [one, other] = [open(), open()];
    for (const text of textsOfAllCharacters()) {
      await write(one, text);
      const seen = await other.read();
      if (seen === text) continue;
      const lost = Array.from(text).find((character) => !seen?.includes(character)) ?? text;
      const code = lost.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
      throw new Error(`among other characters U+${code} came back changed, in ${shown(seen)}`);
    }
  },

  'a text is replaced as a whole, whoever reads meanwhile': async ({ open, take }) => {
    const texts = [largeText('a'), largeText('b').slice(1), 'c'];
    const [writer, readers] = [open(), [open(), open(), open()]];
    await write(writer, texts[0] ?? '');
    let isWriting = true;

    async function readOn(reader: (typeof readers)[number]): Promise<void> {
      while (isWriting) {
        const seen = await reader.read();
        const isWhole = seen !== undefined && texts.includes(seen);
        expectThat(isWhole, `while it was replaced, read() gave ${shown(seen)}`);
        // A store in memory would never let the writer run.
        await new Promise(setImmediate);
      }
    }
    async function writeOn(): Promise<void> {
      const lease = await take(writer);
      for (let turn = 0; turn < 10; turn++) {
        for (const text of texts) {
          if (turn % 2 === 0) await write(writer, text);
          else await lease.write(text);
          await new Promise(setImmediate);
        }
      }
      await lease.release();
    }

    const reading = readers.map(readOn);
    const writing = writeOn().finally(() => (isWriting = false));
    await Promise.all([writing, ...reading]);
    await expectText(writer, 'c', 'after the last write');
  },

  'identities have texts and locks of their own': async ({ open, ask, take, store, identity }) => {
    if (store.isOfOneText) return;
    const mine = open();
    await write(mine, 'mine');
    const lease = await take(mine);
    for (const other of [
      { ...identity, environment: 'LIVE' as const },
      { ...identity, baseUrl: 'https://tt.example/other/' },
      { ...identity, keyFingerprint: identity.keyFingerprint.replace(/./g, '0') },
    ]) {
      const [field] = Object.entries(other).find(([, value]) => !isIn(identity, value)) ?? [];
      const session = open(other);
      const text = `of another ${field} ${identity.keyFingerprint}`;
      const seen = await session.read();
      expectThat(seen !== 'mine', `the text of another ${field} was read`);
      const own = await ask(session);
      expectThat(own !== undefined, `the lock was held for another ${field}, too`);
      await write(session, text);
      await expectText(mine, 'mine', `after a write for another ${field}`);
      await expectText(session, text, `for another ${field}`);
      await own.release();
    }
    await lease.release();
  },
};

function isIn(identity: object, value: unknown): boolean {
  return Object.values(identity).includes(value);
}
