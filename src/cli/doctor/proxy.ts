import type { Variables } from '../../options/from-env.js';
import { isProxyUrl, proxyAbility, type ProxyAbility } from '../proxy.js';
import { type Finding, ok, warning, wrong } from './scene.js';

/** What the variables for proxies come to. */
export interface ProxyUse {
  readonly finding: Finding;
  /** The proxy that the command's requests go through. */
  readonly used?: URL;
}

/** Returns which proxy the variables set for a URL, and who uses it. */
export function proxyOf(
  environment: Variables,
  url: URL,
  node: ProxyAbility = proxyAbility(),
): ProxyUse {
  const set = ['HTTPS_PROXY', 'HTTP_PROXY'].filter((name) => valueOf(environment, name));
  // For https: Node takes HTTP_PROXY where there is no other.
  const fitting = url.protocol === 'https:' ? set : set.filter((name) => name === 'HTTP_PROXY');
  const [name] = fitting;
  if (set.length === 0) return { finding: ok('proxy', `none is set; ${ability(node)}`) };
  if (isExempt(url, valueOf(environment, 'NO_PROXY'))) {
    return { finding: ok('proxy', `NO_PROXY covers ${url.host}: it is reached without the proxy`) };
  }
  if (!node.hasProxies) {
    const message = `${set.join(', ')} is set, but ${ability(node)}`;
    const advice = 'use Node 22.21, 24.5 or newer, or let NO_PROXY name the host if it needs none';
    return { finding: (name ? wrong : warning)('proxy', message, advice) };
  }
  if (!name) {
    const finding = ok('proxy', `${set.join(', ')} is not for ${url.protocol} URLs: none is used`);
    return { finding };
  }
  const text = valueOf(environment, name) ?? '';
  if (!isProxyUrl(text)) {
    const finding = wrong('proxy', `${name} is no URL`, 'write it as http://<host>:<port>');
    return { finding };
  }
  const used = new URL(text);
  if (isSwitchedOn(environment, node)) {
    return { finding: ok('proxy', `${used.host}, from ${name}`), used };
  }
  if (!node.switchesOn) {
    const message = `${name} is set, but this Node was not told to use it`;
    return { finding: wrong('proxy', message, 'set NODE_USE_ENV_PROXY=1') };
  }
  const message = `${used.host}, from ${name}, is used by this command, but not by programs`;
  const advice = 'set NODE_USE_ENV_PROXY=1 for them, or give their manager a fetch with a proxy';
  return { finding: warning('proxy', message, advice), used };
}

function ability({ version, hasProxies }: ProxyAbility): string {
  const can = hasProxies ? 'can' : 'cannot';
  return `Node ${version} ${can} use a proxy from the environment`;
}

/** Variables for proxies are read in lower case first. */
function valueOf(environment: Variables, name: string): string | undefined {
  const value = environment[name.toLowerCase()] ?? environment[name];
  return value?.trim() || undefined;
}

function isSwitchedOn(environment: Variables, { execArgv }: ProxyAbility): boolean {
  const flags = [...execArgv, ...(environment.NODE_OPTIONS ?? '').split(/\s+/)];
  return environment.NODE_USE_ENV_PROXY === '1' || flags.includes('--use-env-proxy');
}

function isExempt({ hostname, port, protocol }: URL, noProxy = ''): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[,\s]+/).some((entry) => {
    const [, name = '', entryPort = ownPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    const isHost = /^[.*]/.test(name)
      ? hostname.endsWith(name.replace(/^\*/, ''))
      : name === hostname;
    return name === '*' || (name !== '' && isHost && entryPort === ownPort);
  });
}
