import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { TimeoutError, withTimeout } from '../../base/abort.js';
import { discardBody } from '../../base/discard-body.js';
import { proxyOf } from '../proxy.js';
import { type Finding, ok, warning, wrong } from './finding.js';
import type { Check, Scene } from './scene.js';

const mostOffMs = 30_000;
const adviceForPort =
  'fetch never connects to this port, which the standard blocks: check TT_BASE_URL, and let the server take another';

/** Whether the service can be reached: its name, the connection, the certificate, and what its clock says. */
export const clockAndNetwork: Check = {
  name: 'network',
  needs: ['TT_BASE_URL'],
  async look(scene) {
    const { baseUrl } = scene.resolved;
    const proxy = proxyOf(scene.environment, baseUrl).used;
    const name = await lookUp(proxy ?? baseUrl, scene);
    if (name.status === 'wrong') return [name];
    return [name, ...(await connect(scene, proxy))];
  },
};

async function lookUp({ hostname }: URL, scene: Scene): Promise<Finding> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return ok('DNS', `${host} is an address: there is no name to look up`);
  try {
    const found = await limited(scene, () => lookup(host, { all: true }));
    return ok('DNS', `${host} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    const message = `${host} is not found: ${scene.redact.reason(error)}`;
    const advice =
      'check the host name in TT_BASE_URL or of the proxy, and the name servers of this host';
    return wrong('DNS', message, advice);
  }
}

async function connect(scene: Scene, proxy: URL | undefined): Promise<readonly Finding[]> {
  const { origin, protocol } = scene.resolved.baseUrl;
  const via = proxy ? ` through the proxy ${proxy.host}` : '';
  const sentAt = Date.now();
  try {
    const response = await limited(scene, (signal) =>
      scene.resolved.fetch(`${origin}/`, { method: 'HEAD', redirect: 'manual', signal }),
    );
    discardBody(response);
    const tls = protocol === 'https:' ? ', with a certificate that is trusted' : ', without TLS';
    return [
      ok('network', `${origin} answers${via}${tls}`),
      lookAtClock(response.headers.get('date'), sentAt, Date.now()),
    ];
  } catch (error) {
    const { message, code = '' } = scene.redact.describe(error);
    const happened = error instanceof TimeoutError ? message : `was not reached: ${message}`;
    const advice = message.includes('bad port') ? adviceForPort : adviceFor(code);
    return [wrong('network', `${origin} ${happened}${via}`, advice)];
  }
}

/** Runs a step of the network for no longer than a token request may take. */
function limited<Result>(
  { resolved }: Scene,
  step: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return withTimeout(resolved.timeoutMs, new AbortController().signal, step);
}

function adviceFor(code: string): string {
  if (code === 'ECONNREFUSED')
    return 'nothing listens there: check TT_BASE_URL, firewall and proxy';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate is for another host: check TT_BASE_URL';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'check the clock of this host';
  if (/CERT|ISSUER|VERIFY/.test(code)) {
    const isKnown = process.allowedNodeEnvironmentFlags.has('--use-system-ca');
    const orSystem = isKnown ? ', or NODE_OPTIONS=--use-system-ca if the system trusts it' : '';
    return `set NODE_EXTRA_CA_CERTS to a PEM file with the CA of your firm${orSystem}`;
  }
  if (/SSL|TLS|EPROTO/.test(code))
    return 'there is no TLS on that port: check TT_BASE_URL and proxy';
  return 'check TT_BASE_URL, firewall and proxy';
}

/** Compares the clock of this host with the server's, whose date has whole seconds. */
function lookAtClock(date: string | null, sentAt: number, receivedAt: number): Finding {
  const servedAt = Date.parse(date ?? '') + 500;
  if (Number.isNaN(servedAt)) {
    return warning('clock', 'not checked: the answer has no date', 'compare it with another clock');
  }
  const offMs = (sentAt + receivedAt) / 2 - servedAt;
  const seconds = Math.round(Math.abs(offMs) / 1_000);
  if (Math.abs(offMs) <= mostOffMs) return ok('clock', `${seconds} s off the server's`);
  const direction = offMs > 0 ? 'ahead of' : 'behind';
  return wrong('clock', `${seconds} s ${direction} the server's`, 'set it, by NTP for one');
}
