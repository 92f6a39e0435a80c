import { readFileSync } from './builtins.js';

/** The version of the package that the built command belongs to. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
