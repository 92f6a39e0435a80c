import type { Variables } from '../options/from-env.js';
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
export function proxyAbility(): ProxyAbility {
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
  if (proxyVariable(env) === undefined || env.NODE_USE_ENV_PROXY !== undefined) return;
  // Node's own message repeats the URL, which may hold a password.
  if (!names.every((name) => !env[name] || isProxyUrl(env[name]))) {
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

/** Returns what to add to a failure to reach a host: a proxy that is set and not used. */
export function proxyAdvice(env: Variables): string {
  const name = proxyVariable(env);
  if (name === undefined) return '';
  const { hasProxies, switchesOn } = proxyAbility();
  if (!hasProxies) {
    return `; ${name} is set, but Node ${process.version} does not use it: use Node 22.21, 24.5 or newer`;
  }
  return switchesOn || env.NODE_USE_ENV_PROXY !== undefined
    ? ''
    : `; ${name} is set: for Node ${process.version} set NODE_USE_ENV_PROXY=1, too`;
}

/** Returns whether Node takes a text for a proxy. */
export function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

function proxyVariable(env: Variables): string | undefined {
  return names.find((name) => env[name]);
}
