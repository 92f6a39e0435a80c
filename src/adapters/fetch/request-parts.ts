/** Returns what attempts keep of a Request beside URL, method, headers, body and redirect mode. */
export function keptParts(request: Request, given: Request = request): RequestInit {
  return { ...ownParts(given), ...standardParts(request), signal: request.signal };
}

/** The members of a Request that attempts keep, with their defaults. */
const standardMembers = Object.entries({
  cache: 'default',
  credentials: 'same-origin',
  keepalive: false,
  mode: 'cors',
  referrer: 'about:client',
  referrerPolicy: '',
});

/** Returns the standard members that are not the default: checking all again would double the time. */
function standardParts(request: Request): object {
  const set = standardMembers.filter(([name, unset]) => Reflect.get(request, name) !== unset);
  return Object.fromEntries(set.map(([name]) => [name, Reflect.get(request, name) as unknown]));
}

/** Returns the members beyond the standard: a framework's properties, node-fetch's agent, Node's dispatcher. */
function ownParts(request: Request): object {
  const key = Object.getOwnPropertySymbols(request).find(
    ({ description }) => description === 'dispatcher',
  );
  const dispatcher: unknown = key && Reflect.get(request, key);
  return { ...namedProperties(request), ...(dispatcher ? { dispatcher } : undefined) };
}

function namedProperties(request: Request): object {
  return Object.fromEntries(Object.entries(request));
}

/** Gives a Request or Response the class of another, and the properties that a program put on that one. */
export function imitate(given: object, made: object): void {
  const prototype = Object.getPrototypeOf(given) as object;
  if (Object.getPrototypeOf(made) !== prototype) Object.setPrototypeOf(made, prototype);
  for (const key of Reflect.ownKeys(given)) {
    const property = Object.getOwnPropertyDescriptor(given, key);
    // The platform's own properties are there already.
    if (property && !Object.hasOwn(made, key)) Object.defineProperty(made, key, property);
  }
}
