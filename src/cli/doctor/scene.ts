import type { Redactor } from '../../base/redactor.js';
import type { ResolvedOptions } from '../../options/options.js';
import type { Call } from '../configuration.js';

/** What one check found. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'wrong';
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

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
  /** The variables without which there is nothing to look at. */
  readonly needs: readonly string[];
  look(scene: Scene): readonly Finding[] | Promise<readonly Finding[]>;
}

/** A finding that all is well. */
export function ok(name: string, message: string): Finding {
  return { name, status: 'ok', message };
}

/** A finding that something may become a problem. */
export function warning(name: string, message: string, advice: string): Finding {
  return { name, status: 'warning', message, advice };
}

/** A finding that something is wrong. */
export function wrong(name: string, message: string, advice: string): Finding {
  return { name, status: 'wrong', message, advice };
}
