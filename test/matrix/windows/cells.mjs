// A cell a Node for Windows, under Wine: all steps, one after the other; a failure names each step that failed.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPrograms } from '../lib/places.mjs';
import { startStandIn } from '../lib/stand-in.mjs';
import { commandSteps } from './command-steps.mjs';
import { steps } from './steps.mjs';

// A step of many processes, on a machine that does other things.
const LIMIT_MS = 400_000;

const programs = fileURLToPath(new URL('programs', import.meta.url));
const ofRuntimes = fileURLToPath(new URL('../runtimes/programs', import.meta.url));

/** What a step is given: Node for Windows, the project as Windows sees it, a stand-in and a folder of its own. */
async function createScene(name, { session }, { project, installed, places }) {
  const toWindows = (path) => `C:\\${relative(session.driveC, path).replaceAll('/', '\\')}`;
  const cwd = relative(session.driveC, project);
  const node = `C:\\node_modules\\${name}\\bin\\node.exe`;
  const folder = await places.below(project);
  const tt = await startStandIn(installed, { latencyMs: 300 });
  const variables = {
    TT_API_KEY: tt.apiKey,
    TT_API_SECRET: tt.apiSecret,
    TT_APP_NAME: 'Matrix',
    TT_COMPANY_NAME: 'Tests',
    TT_BASE_URL: tt.url,
    TT_TOKEN_FILE: toWindows(join(folder, 'token.json')),
    WINEPATH: toWindows(join(session.driveC, 'node_modules', name, 'bin')),
  };
  const start = (args, env) =>
    session.wine(args, { cwd, env: { ...variables, ...env }, limitMs: LIMIT_MS });
  return {
    tt,
    session,
    project,
    folder,
    installed,
    places,
    toWindows,
    /** Starts any program for Windows in the project's folder. */
    start,
    /** Starts one of the project's programs. */
    startNode: ([program, ...args], env) => start([node, program, ...args], env),
  };
}

async function check(name, context) {
  const { installed, places } = context;
  const { session, reason } = await context.windows.open();
  if (reason) return reason;
  const project = await places.project(session.driveC, installed, ofRuntimes);
  await copyPrograms(programs, project);
  const failures = [];
  for (const [title, step] of Object.entries({ ...steps, ...commandSteps })) {
    const scene = await createScene(name, { session }, { project, installed, places });
    try {
      await step(scene);
    } catch (error) {
      failures.push(`${title}: ${error.message}`);
    }
    await scene.tt.close();
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

export default ['node-22', 'node-24'].map((name) => ({
  name: `windows/${name}`,
  // All that its sixteen processes do goes through one server of Wine's.
  isAlone: true,
  check: (context) => check(name, context),
}));
