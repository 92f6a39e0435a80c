import { clearTimeout, setTimeout } from 'node:timers';

/** Shorter than this is no wait: a fresh token comes at once. */
const noticeableMs = 20;

/** Creates a function that passes a promise on and tells when callers begin, and cease, to wait for such. */
export function createWaits(tell) {
  let waiting = 0;
  let callers = 0;
  let startedAt = 0;

  function begin(since) {
    if (waiting++ === 0) {
      callers = 0;
      startedAt = since;
      tell({ kind: 'waiting' });
    }
    callers++;
  }

  function end() {
    if (--waiting === 0) tell({ kind: 'waited', callers, startedAt, endedAt: Date.now() });
  }

  return async (task) => {
    const since = Date.now();
    let isNoticed = false;
    const notice = setTimeout(() => {
      isNoticed = true;
      begin(since);
    }, noticeableMs);
    try {
      return await task;
    } finally {
      clearTimeout(notice);
      if (isNoticed) end();
    }
  };
}
