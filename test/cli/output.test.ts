import { expect, it, vi } from 'vitest';
import { print } from '../../src/cli/output.js';

const atOnce = vi.hoisted(() => ({ bytes: 0 }));
vi.mock('../../src/cli/builtins.js', () => ({ writeSync: () => atOnce.bytes }));

it('leaves to the stream what a full pipe does not take at once, and all that follows', () => {
  const streamed: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    streamed.push(chunk.toString());
    return true;
  });
  atOnce.bytes = 'all of it\n'.length;
  print('all of it');
  expect(streamed).toEqual([]);
  atOnce.bytes = 'half'.length;
  print('half of it');
  print('more');
  expect(streamed).toEqual([' of it\n', 'more\n']);
});
