// What a program finds in its globals, its built-in modules and its process.
import { builtinModules, createRequire } from 'node:module';

const require = createRequire(import.meta.url);
/** Built-in modules but for those that warn when they are loaded, and parts of others. */
const modules = builtinModules.filter((name) => !/^_|\/|^(sys|wasi|punycode)$/.test(name));
/** What Node itself changes when it loads a module. */
const ownBusiness = ['module._cache', 'module._pathCache', 'process.moduleLoadList'];

const ids = new WeakMap();
let lastId = 0;

function isOwner(value) {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

function identify(value) {
  if (!isOwner(value)) return `${typeof value} ${String(value)}`;
  if (!ids.has(value)) ids.set(value, `#${++lastId}`);
  return ids.get(value);
}

/** Loads what Node loads at its first use, so that a first use is no change. */
export async function settle() {
  for (const name of modules) await import(name);
  for (const owner of [globalThis, ...modules.map((name) => require(name))])
    for (const key of Reflect.ownKeys(owner)) void owner[key];
}

/** The properties of everything that can be reached: their attributes, and the identity of what they hold. */
export function takeSnapshot() {
  const owners = new Map();
  const queue = [['globalThis', globalThis], ...modules.map((name) => [name, require(name)])];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [path, owner] = next;
    if (owners.has(owner) || ownBusiness.includes(path)) continue;
    const properties = new Map([['[[Prototype]]', identify(Object.getPrototypeOf(owner))]]);
    for (const key of Reflect.ownKeys(owner)) {
      const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(owner, key);
      const parts = [value, get, set];
      properties.set(String(key), [...parts.map(identify), JSON.stringify(flags)].join(' '));
      for (const part of parts) if (isOwner(part)) queue.push([`${path}.${String(key)}`, part]);
    }
    owners.set(owner, { path, properties });
  }
  return owners;
}

/** The paths of what has changed; of what is new or gone, the property that leads there. */
export function difference(before, after) {
  const changed = [];
  for (const [owner, { path, properties }] of before) {
    const now = after.get(owner)?.properties;
    if (!now) continue;
    for (const key of new Set([...properties.keys(), ...now.keys()]))
      if (properties.get(key) !== now.get(key)) changed.push(`${path}.${key}`);
  }
  return changed.sort();
}
