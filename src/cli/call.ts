import type { Redactor } from '../base/redactor.js';
import type { Arguments } from './arguments.js';
import type { Output } from './output.js';
import type { Variables } from './variables.js';

/** One call of the command, ready to be carried out. */
export interface Call {
  readonly given: Arguments;
  /** From options, environment and env file; at most one value for each name, none empty. */
  readonly variables: Variables;
  readonly output: Output;
  /** Knows the app key, the secret and the key of the token file. */
  readonly redact: Redactor;
}
