/** What one check found. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'wrong';
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
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
