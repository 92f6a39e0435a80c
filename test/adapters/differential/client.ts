import type { CancelToken } from 'axios';
import type { TokenManager } from '../../../src/index.js';
import type { Case } from './cases.js';
import type { Seen } from './seen.js';

/** The means by which a call can be given up. */
export interface Stop {
  readonly signal: AbortSignal | undefined;
  readonly cancelToken: CancelToken | undefined;
  readonly timeoutMs: number | undefined;
}

/** Makes the call of a case to an origin, and tells what its caller sees. */
export type Call = (origin: string, asked: Case, stop: Stop) => Promise<Seen>;

/** A client to be compared with itself. */
export interface Client {
  readonly name: string;
  /** The case without what the client, wrapped, does differently on purpose. */
  readonly tailored?: (asked: Case) => Case;
  /** Whether it follows no redirects. */
  readonly staysHere?: boolean;
  /** The client with a manager, or bare. */
  connect(manager?: TokenManager): Call;
}
