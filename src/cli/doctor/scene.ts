import type { Redactor } from '../../base/redactor.js';
import type { ResolvedOptions } from '../../options/options.js';
import type { Call } from '../configuration.js';
import type { Finding } from './finding.js';

/** What the checks look at. */
export interface Scene extends Pick<Call, 'options'> {
  /** All variables of the process, the proxy's among them. */
  readonly environment: Call['sources']['environment'];
  /** The options of the variables that are right; placeholders stand for the others. */
  readonly resolved: ResolvedOptions;
  /** The variables that are missing or wrong. */
  readonly faulty: ReadonlySet<string>;
  readonly redact: Redactor;
}

/** One group of checks. */
export interface Check {
  readonly name: string;
  /** The variables without which there is nothing to look at; `'all'` of them. */
  readonly needs: readonly string[] | 'all';
  /** Whether it is asked for. @default always */
  isWanted?(options: Scene['options']): boolean;
  look(scene: Scene): readonly Finding[] | Promise<readonly Finding[]>;
}
