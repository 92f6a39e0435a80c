import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const dist = new URL('../dist/', import.meta.url);
const names = await readdir(dist);
const files = await Promise.all(
  names
    .filter((name) => /\.c?js$/.test(name))
    .map(async (name) => ({ name, code: await readFile(new URL(name, dist), 'utf8') })),
);
const common = files.filter(({ name }) => name.endsWith('.cjs'));
const peers = Object.keys(manifest.peerDependencies);
const builtIn = ['proper-lockfile', 'retry', 'uuid'];

/** What is loaded, by import, import() or require. */
function loadedBy(code: string): string[] {
  const loads = /\b(?:from|import|require)\s*\(?\s*(["'])([^"'\s]+)\1/g;
  return [...code.matchAll(loads)].map(([, , module = '']) => module);
}

describe('what is built', () => {
  it('has CommonJS without import(), which a vm may not allow', () => {
    expect(common.length).toBeGreaterThanOrEqual(7);
    for (const { name, code } of common) expect(code, name).not.toMatch(/\bimport\s*\(/);
  });

  it('resolves no module at run time', () => {
    const resolving = /createRequire|require\.resolve|import\.meta\.resolve|Dynamic require of/;
    for (const { name, code } of files) expect(code, name).not.toMatch(resolving);
  });

  it('loads files of its own, modules of Node by their full name, and optional peers', () => {
    const loaded = new Set(files.flatMap(({ code }) => loadedBy(code)));
    const others = [...loaded].filter((module) => !module.startsWith('./'));
    for (const module of others.filter((other) => !peers.includes(other))) {
      expect(module).toMatch(/^node:/);
      expect(isBuiltin(module)).toBe(true);
    }
    expect(others.filter((other) => peers.includes(other)).sort()).toEqual(peers.sort());
    const own = [...loaded].filter((module) => module.startsWith('./'));
    expect(own.filter((module) => !names.includes(module.slice(2)))).toEqual([]);
  });

  it('imports no module of Node: that would take as long as all of its own code', () => {
    const importing = /\b(?:from|import)\s*["']node:/;
    const importers = files.filter(({ code }) => importing.test(code));
    expect(importers.map(({ name }) => name)).toEqual([]);
  });

  it('needs no package, and names each peer as optional', () => {
    expect(manifest).not.toHaveProperty('dependencies');
    expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(
      Object.keys(manifest.peerDependencies),
    );
  });

  it('runs nothing when it is installed', () => {
    expect(Object.keys(manifest.scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$|^(pre|post)?prepare$/)]),
    );
  });
});

describe('the licences of what is built in', () => {
  it.each(builtIn)('have the text of %s, as its package has it', async (name) => {
    const folder = new URL(`../node_modules/${name}/`, import.meta.url);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry)) ?? '';
    const text = await readFile(new URL(file, folder), 'utf8');
    expect(await readFile(new URL('LICENSES.txt', dist), 'utf8')).toContain(text.trim());
  });

  it('are those and no others', async () => {
    const text = await readFile(new URL('LICENSES.txt', dist), 'utf8');
    const titles = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name);
    expect(titles).toEqual(builtIn);
  });
});
