import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { apiKey } from '../clients/manager.mjs';
import { added, fixed, ratio } from '../lib/format.ts';
import { atMost, ratioAtMost } from '../lib/report.ts';
import { takeTurns } from '../lib/rounds.mjs';
import { differences, median, quotients } from '../lib/statistics.ts';

export const name = 'start-up';
export const title = 'Start of a process, against bare Node';

const mostImportMs = 5;
const mostOfBare = 1.35;
const cwd = fileURLToPath(new URL('..', import.meta.url));

function evaluating(label, code) {
  return { label, args: ['--input-type=module', '--eval', code] };
}

function importing(packageName) {
  return evaluating(`import ${packageName}`, `import '${packageName}';`);
}

const bareScript = { label: 'node -e 0', args: ['-e', '0'] };
const verify = {
  label: 'tt-token --verify',
  args: ['node_modules/tt-token-manager/dist/tt-token.js', '--verify'],
};
const bareModule = evaluating('module that imports nothing', '');
const ours = importing('tt-token-manager');
const badgateway = importing('@badgateway/oauth2-client');
const google = importing('google-auth-library');
const starts = [
  bareScript,
  verify,
  bareModule,
  ours,
  importing('axios'),
  badgateway,
  google,
  importing('@azure/core-rest-pipeline'),
  importing('@azure/msal-node'),
];
const inSummary = [ours, verify, badgateway, google];

export async function run({ isFull, progress, stage }) {
  const rounds = isFull ? 60 : 8;
  const service = await stage.startService();
  const worker = await stage.startWorker();
  const tokenFile = stage.newTokenFile();
  const settings = { origin: service.origin, api: 'http', name: 'bench', tokenFile, shiftMs: 0 };
  await worker.call('getTokenAt', { id: 'fetch:tt-token-manager, fetch', ...settings });
  const env = {
    PATH: process.env.PATH,
    TT_API_KEY: apiKey,
    TT_BASE_URL: service.origin,
    TT_TOKEN_FILE: tokenFile,
  };

  function timeStart({ args }) {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, timeout: 30_000 });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return performance.now() - startedAt;
  }

  progress(`${starts.length} starts, ${rounds} rounds`);
  await takeTurns(starts, 1, timeStart); // brings the files into the disk cache
  const times = await takeTurns(starts, rounds, timeStart);

  return {
    columns: ['start', 'ms', 'added ms', 'ratio'],
    rows: starts.map((start) => {
      const floor = start === verify || start === bareScript ? bareScript : bareModule;
      return rowOf(start, times.get(start), times.get(floor));
    }),
    note: `${rounds} rounds after one to fill the disk cache; a new process each time, no compile cache.`,
  };
}

function rowOf(start, ms, floorMs) {
  const { label } = start;
  if (ms === floorMs) return { label, cells: [fixed(median(ms), 1), '', '1'] };
  const addedMs = median(differences(ms, floorMs));
  const ofFloor = median(quotients(ms, floorMs));
  return {
    label,
    cells: [fixed(median(ms), 1), added(addedMs, 1), ratio(ofFloor)],
    checks: checksOf(start, addedMs, ofFloor),
    bar: { group: title, ratio: ofFloor },
    short: inSummary.includes(start) ? `${showAdded(addedMs)}, ${ratio(ofFloor)}` : undefined,
  };
}

function checksOf(start, addedMs, ofFloor) {
  if (start === ours) return [atMost(mostImportMs, addedMs, showAdded)];
  return start === verify ? [ratioAtMost(mostOfBare, ofFloor)] : [];
}

function showAdded(ms) {
  return `${added(ms, 1)} ms`;
}
