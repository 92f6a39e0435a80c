type Platform = Pick<typeof globalThis, 'Request' | 'Response' | 'Headers'>;

/**
 * Returns the class to make another such object of: the global one for what it has made, even if that is a subclass
 * of the class behind it, as in happy-dom, which cannot be used. Another fetch, such as npm's undici, brings its own.
 */
export function classOf<Name extends keyof Platform>(value: object, name: Name): Platform[Name] {
  const Global = globalThis[name] as Platform[Name] | undefined;
  if (Global && isOf(value, Global)) return Global;
  return ownerOf(value, name === 'Headers' ? 'append' : 'headers') as Platform[Name];
}

function isOf(value: object, Global: { readonly prototype: object }): boolean {
  return (
    Object.prototype.isPrototypeOf.call(Global.prototype, value) ||
    Object.prototype.isPrototypeOf.call(
      (value.constructor as { prototype: object }).prototype,
      Global.prototype,
    )
  );
}

/** Returns the class that defines a member: the constructor of a subclass may take other arguments. */
function ownerOf(value: object, member: string): unknown {
  let found = value.constructor;
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype) {
    if (Object.hasOwn(prototype, member)) found = prototype.constructor;
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return found;
}
