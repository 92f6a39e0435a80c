import { expect, it } from 'vitest';
import { newHolderName, parseHolder } from '../../../../src/stores/file/lock/holder.js';
import { currentProcess } from '../../../../src/stores/file/lock/process-identity.js';

it('names this process, by another name each time', () => {
  const name = newHolderName();
  expect(parseHolder(name)).toEqual({ name, ...currentProcess() });
  expect(newHolderName()).not.toBe(name);
});

it.each([
  '',
  'a'.repeat(24),
  `${'a'.repeat(23)}.1.1.0123456789ab`,
  `${'g'.repeat(24)}.1.1.0123456789ab`,
  `${'a'.repeat(24)}.-1.1.0123456789ab`,
  `${'a'.repeat(24)}.1..0123456789ab`,
  `${'a'.repeat(24)}.1.1.0123456789a`,
  `x${'a'.repeat(24)}.1.1.0123456789ab`,
  `${'a'.repeat(24)}.1.1.0123456789ab.tmp`,
])('knows %j for the name of another', (name) => {
  expect(parseHolder(name)).toBeUndefined();
});
