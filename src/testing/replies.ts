import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The token that the reply issues. */
  readonly accessToken?: string;
  /** Breaks the connection off in the middle of the body. */
  readonly cut?: boolean;
}

export type Answer = Reply | 'hang' | 'reset';

export function jsonReply(status: number, value: object): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}

/** An error in the form of the gateway that stands in front of the real service. */
export function gatewayReply(status: number, message?: string): Reply {
  return jsonReply(status, { message: message ?? STATUS_CODES[status] ?? 'Unknown' });
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.cut !== true) {
    response.end(answer.body);
    return;
  }
  const bytes = Buffer.from(answer.body);
  response.setHeader('content-length', bytes.length);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}
