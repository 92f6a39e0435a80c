/** `true` where two types are one and the same, each assignable to the other; else `never`. */
export type Exact<Actual, Promised> = [Actual] extends [Promised]
  ? [Promised] extends [Actual]
    ? true
    : never
  : never;
