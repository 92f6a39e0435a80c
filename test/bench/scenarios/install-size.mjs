import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted, fixed } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { sum } from '../lib/statistics.ts';

export const name = 'install-size';
export const title = 'A production install';

const mostPackages = 7;
const mostKiB = 860;
const ours = ['tt-token-manager'];
const badgateway = ['@badgateway/oauth2-client'];
const google = ['google-auth-library'];
const installs = [
  ours,
  ['axios'],
  [...ours, 'axios'],
  ['axios-token-interceptor', 'axios-oauth-client', 'axios'],
  ['axios-auth-refresh', 'axios'],
  badgateway,
  google,
  ['@azure/core-rest-pipeline'],
  ['@azure/msal-node'],
];
const inSummary = [ours, badgateway, google];
const bench = fileURLToPath(new URL('..', import.meta.url));

/** The folders that npm fills for some packages: theirs and those of all that they depend on. */
function closure(packages, installed) {
  const folders = new Set();
  function add(wanted, from, isOptional) {
    const folder = find(wanted, from, installed);
    if (!folder && !isOptional) throw new Error(`${wanted} is not installed`);
    if (!folder || folders.has(folder)) return;
    folders.add(folder);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
      installed[folder];
    for (const each of Object.keys({ ...dependencies })) add(each, folder, false);
    for (const each of Object.keys({ ...optionalDependencies })) add(each, folder, true);
    for (const each of Object.keys({ ...peerDependencies })) {
      if (!peerDependenciesMeta?.[each]?.optional) add(each, folder, false);
    }
  }
  for (const each of packages) add(each, '', false);
  return [...folders];
}

/** The folder of a package, as Node finds it from another one. */
function find(wanted, from, installed) {
  const folder = join(from, 'node_modules', wanted);
  if (installed[folder] || from === '') return installed[folder] && folder;
  return find(wanted, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), installed);
}

/** Bytes of the files of one package, without the packages inside it. */
async function bytesIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.name !== 'node_modules')
    .map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? bytesIn(path) : (await stat(path)).size;
    });
  return sum(await Promise.all(sizes));
}

export async function run() {
  const record = await readFile(join(bench, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages: installed } = JSON.parse(record);
  const rows = installs.map(async (packages) => {
    const folders = closure(packages, installed);
    const bytes = await Promise.all(folders.map((folder) => bytesIn(join(bench, folder))));
    return rowOf(packages, folders.length, sum(bytes) / 1_024);
  });
  return {
    columns: ['installed', 'packages', 'KiB'],
    rows: await Promise.all(rows),
    note: 'Bytes of the files that npm puts into node_modules, dependencies included.',
  };
}

function rowOf(packages, count, kiB) {
  const checks = [
    atMost(mostPackages, count, (most) => `${most} packages`),
    atMost(mostKiB, kiB, (most) => `${most} KiB`),
  ];
  return {
    label: packages.join(', '),
    cells: [fixed(count), fixed(kiB)],
    checks: packages === ours ? checks : [],
    short: inSummary.includes(packages)
      ? `${counted([count], 'package')}, ${fixed(kiB)} KiB`
      : undefined,
  };
}
