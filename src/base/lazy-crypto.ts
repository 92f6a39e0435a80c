/*
 * What is used of node:crypto, loaded when it is used first: that takes as long as all the rest of an import of the
 * library. The build puts this in its place for uuid too.
 */

type Crypto = typeof import('node:crypto');

let loaded: Crypto | undefined;

function lazily<Name extends keyof Crypto>(name: Name): Crypto[Name] {
  const call = (...values: unknown[]): unknown => {
    loaded ??= process.getBuiltinModule('node:crypto');
    return (loaded[name] as (...values: unknown[]) => unknown)(...values);
  };
  return call as Crypto[Name];
}

export const createCipheriv = lazily('createCipheriv');
export const createDecipheriv = lazily('createDecipheriv');
export const createHash = lazily('createHash');
export const createSecretKey = lazily('createSecretKey');
export const randomBytes = lazily('randomBytes');
export const randomFillSync = lazily('randomFillSync');
export const randomUUID = lazily('randomUUID');
