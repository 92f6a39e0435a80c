import { proxyOf } from '../proxy.js';
import { type Finding, ok, wrong } from './finding.js';
import type { Check } from './scene.js';

/** The Node that runs this. */
export const runtime: Check = {
  name: 'node',
  needs: [],
  look: ({ environment, resolved, faulty }) => [
    lookAtVersion(process.versions.node),
    ...(faulty.has('TT_BASE_URL') ? [] : [proxyOf(environment, resolved.baseUrl).finding]),
  ],
};

/** Returns whether this Node is one that the package is tested on. */
export function lookAtVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('node', `version ${version}`);
  return wrong('node', `version ${version} is too old`, 'install Node 20.19 or newer');
}
