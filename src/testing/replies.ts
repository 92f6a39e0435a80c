import { urlPath } from './checks.js';
import { bodyReply } from './faults.js';
import { gatewayReply, isApiPath, type Reply } from './gateway.js';
import type { FakeTTRequest } from './request-log.js';

/** What a reply holds: a string is sent as it is, an object as JSON. */
export type FakeReplyBody = string | object;

/** Data of the user's own, or a function that makes them for each request. */
export type FakeReply =
  FakeReplyBody | ((request: FakeTTRequest) => FakeReplyBody | Promise<FakeReplyBody>);

/** Makes the answer to a request. */
export type ReplyMaker = (request: FakeTTRequest) => Reply | Promise<Reply>;

function replyMaker(body: FakeReply): ReplyMaker {
  if (typeof body !== 'function') {
    const reply = bodyReply(200, body);
    return () => reply;
  }
  return async (request) => {
    try {
      return bodyReply(200, await (body as (request: FakeTTRequest) => unknown)(request));
    } catch (error) {
      // What the test got wrong is told where it looks: in the answer.
      return gatewayReply(500, `the function given to reply() failed: ${String(error)}`);
    }
  };
}

/** Creates the list of the replies, one a path. */
export function createReplies() {
  const replies = new Map<string, ReplyMaker>();
  return {
    set(path: string, body: FakeReply): void {
      if (!isApiPath(urlPath('path', path))) {
        throw new RangeError(
          'path must be one of the API, such as /ttmonitor/ext_uat_cert/position',
        );
      }
      replies.set(path, replyMaker(body));
    },
    find: (path: string): ReplyMaker | undefined => replies.get(path),
    clear: (): void => replies.clear(),
  };
}
