// Spaces, and the characters that TT forbids in a requestId.
const FORBIDDEN = /[\s$&+,/:;=?@"<>#%{}|\\^~[\]`]/;
const SHAPE = /^.+-.+--([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export interface RequestIdClaim {
  readonly requestId: string | undefined;
  /** Why the request must be answered 400. */
  readonly problem: string | undefined;
}

/** Remembers every GUID seen; claiming on arrival makes a used one used, whatever became of its request. */
export function createRequestIds(): { claim(query: string): RequestIdClaim } {
  const seen = new Set<string>();

  function findProblem(requestIds: readonly string[]): string | undefined {
    const [requestId] = requestIds;
    if (!requestId) return 'requestId is missing';
    if (requestIds.length > 1) return 'requestId is given more than once';
    if (FORBIDDEN.test(requestId)) return 'requestId holds a forbidden character';
    const guid = SHAPE.exec(requestId)?.[1]?.toLowerCase();
    if (guid === undefined) return 'requestId is not of the form <app>-<company>--<guid>';
    if (seen.has(guid)) return 'requestId was used before';
    seen.add(guid);
    return undefined;
  }

  return {
    claim(query) {
      const requestIds = new URLSearchParams(query).getAll('requestId');
      return { requestId: requestIds[0], problem: findProblem(requestIds) };
    },
  };
}
