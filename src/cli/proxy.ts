import type { Variables } from '../options/from-env.js';
import { type Finding, ok, warning, wrong } from './doctor/finding.js';
import { usageFailure } from './failure.js';

/** What newer versions of Node have. */
interface NewerNode {
  readonly setGlobalProxyFromEnv?: (env: Variables) => unknown;
  readonly execve?: (file: string, args: readonly string[], env: Variables) => never;
}

const { execve } = process as NewerNode;
/** Not imported: the build knows the exports of its own version of Node only. */
const newerHttp = (): NewerNode => process.getBuiltinModule('node:http') as NewerNode;

/** How a Node comes to use the proxies of its environment. */
export interface ProxyAbility {
  readonly version: string;
  /** Whether it can use them: since 22.21 and 24.5. */
  readonly hasProxies: boolean;
  /** Whether the command can switch them on by itself. */
  readonly switchesOn: boolean;
  /** The options that Node was started with. */
  readonly execArgv: readonly string[];
}

/** Returns the {@link ProxyAbility} of this Node. */
function proxyAbility(): ProxyAbility {
  const hasProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
  return {
    version: process.versions.node,
    hasProxies,
    switchesOn:
      hasProxies && (newerHttp().setGlobalProxyFromEnv !== undefined || execve !== undefined),
    execArgv: process.execArgv,
  };
}

/**
 * Makes fetch use the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. Where NODE_USE_ENV_PROXY is set, Node
 * did as it says when it started.
 * @throws CommandFailure where a proxy is no URL.
 */
export function useProxies(env: Variables): void {
  const set = setProxies(env);
  if (set.length === 0 || env.NODE_USE_ENV_PROXY !== undefined) return;
  // Node's own message repeats the URL, which may hold a password.
  if (!set.every((name) => isProxyUrl(valueOf(env, name)))) {
    throw usageFailure(
      'HTTPS_PROXY and HTTP_PROXY must be URLs, such as http://proxy.example:3128',
    );
  }
  const { setGlobalProxyFromEnv } = newerHttp();
  if (setGlobalProxyFromEnv) setGlobalProxyFromEnv(env);
  else if (execve && proxyAbility().hasProxies) {
    // Node 22.21 and 24.5 read the variable at their start only: start once more, in this process.
    const options = [...process.execArgv, '--disable-warning=UNDICI-EHPA'];
    const args = [process.execPath, ...options, '--', ...process.argv.slice(1)];
    execve(process.execPath, args, { ...env, NODE_USE_ENV_PROXY: '1' });
  }
}

/** Returns what to add to a failure to reach a URL: a proxy that is set and not used. */
export function proxyAdvice(env: Variables, url: URL): string {
  const { finding, used } = proxyOf(env, url);
  if (used || finding.advice === undefined) return '';
  return `; ${finding.message}: ${finding.advice}`;
}

/** What the variables for proxies come to. */
export interface ProxyUse {
  readonly finding: Finding;
  /** The proxy that the command's requests go through. */
  readonly used?: URL;
}

/** Returns which proxy the variables set for a URL, and who uses it. */
export function proxyOf(env: Variables, url: URL, node: ProxyAbility = proxyAbility()): ProxyUse {
  const set = setProxies(env);
  // For https: Node takes HTTP_PROXY where there is no other.
  const [name] = url.protocol === 'https:' ? set : set.filter((one) => one === 'HTTP_PROXY');
  const all = set.join(', ');
  const ability = `Node ${node.version} ${node.hasProxies ? 'can' : 'cannot'} use a proxy from the environment`;
  if (set.length === 0) return { finding: ok('proxy', `none is set; ${ability}`) };
  if (isExempt(url, valueOf(env, 'NO_PROXY'))) {
    return { finding: ok('proxy', `NO_PROXY covers ${url.host}: it is reached without the proxy`) };
  }
  if (!node.hasProxies) {
    const advice = 'use Node 22.21, 24.5 or newer, or let NO_PROXY name the host if it needs none';
    return { finding: (name ? wrong : warning)('proxy', `${all} is set, but ${ability}`, advice) };
  }
  if (!name) {
    return { finding: ok('proxy', `${all} is not for ${url.protocol} URLs: none is used`) };
  }
  const text = valueOf(env, name);
  if (!isProxyUrl(text)) {
    return { finding: wrong('proxy', `${name} is no URL`, 'write it as http://<host>:<port>') };
  }
  const used = new URL(text);
  const flags = [...node.execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)];
  if (env.NODE_USE_ENV_PROXY === '1' || flags.includes('--use-env-proxy')) {
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

function setProxies(env: Variables): readonly string[] {
  return ['HTTPS_PROXY', 'HTTP_PROXY'].filter((name) => valueOf(env, name) !== '');
}

/** Variables for proxies are read in lower case first. */
function valueOf(env: Variables, name: string): string {
  return (env[name.toLowerCase()] ?? env[name] ?? '').trim();
}

function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isExempt({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[,\s]+/).some((entry) => {
    const [, name = '', entryPort = ownPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    const isHost = /^[.*]/.test(name)
      ? hostname.endsWith(name.replace(/^\*/, ''))
      : name === hostname;
    return name === '*' || (name !== '' && isHost && entryPort === ownPort);
  });
}
