import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkPath } from '../../../src/base/checks.js';
import { defaultTokenFile, expandHome } from '../../../src/stores/file/default-path.js';
import { describeOn } from '../../helpers/systems.js';

const identity = {
  environment: 'LIVE',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
} as const;
const name = join('tt-token-manager', 'tt_token_LIVE_0123456789abcdef.json');
const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;

function pretendToBe(value: NodeJS.Platform): void {
  Object.defineProperty(process, 'platform', { ...platform, value });
}

beforeEach(() => {
  vi.stubEnv('HOME', '/home/somebody');
  vi.stubEnv('XDG_STATE_HOME', undefined);
  vi.stubEnv('LOCALAPPDATA', undefined);
});
afterEach(() => {
  Object.defineProperty(process, 'platform', platform);
  vi.unstubAllEnvs();
});

describeOn('posix')('the default token file', () => {
  it.each([
    ['linux', '.local/state'],
    ['freebsd', '.local/state'],
    ['darwin', 'Library/Application Support'],
    ['win32', 'AppData/Local'],
  ] as const)('on %s is in the user’s %s', (system, folder) => {
    pretendToBe(system);
    expect(homedir()).toBe('/home/somebody');
    expect(defaultTokenFile(identity)).toBe(join('/home/somebody', folder, name));
  });

  it('is in XDG_STATE_HOME where that is set, but not on macOS or Windows', () => {
    vi.stubEnv('XDG_STATE_HOME', '/var/state');
    pretendToBe('linux');
    expect(defaultTokenFile(identity)).toBe(join('/var/state', name));
    for (const system of ['darwin', 'win32'] as const) {
      pretendToBe(system);
      expect(defaultTokenFile(identity)).not.toContain('/var/state');
    }
  });

  it.each(['', 'state', './state'])(
    'is not where XDG_STATE_HOME=%o leads: it is not absolute',
    (value) => {
      vi.stubEnv('XDG_STATE_HOME', value);
      pretendToBe('linux');
      expect(defaultTokenFile(identity)).toBe(join('/home/somebody/.local/state', name));
    },
  );

  it('is in LOCALAPPDATA on Windows, and only there', () => {
    vi.stubEnv('LOCALAPPDATA', '/users/somebody/local');
    pretendToBe('win32');
    expect(defaultTokenFile(identity)).toBe(join('/users/somebody/local', name));
    pretendToBe('linux');
    expect(defaultTokenFile(identity)).toBe(join('/home/somebody/.local/state', name));
  });

  it('is below the home where LOCALAPPDATA is not absolute', () => {
    vi.stubEnv('LOCALAPPDATA', 'local');
    pretendToBe('win32');
    expect(defaultTokenFile(identity)).toBe(join('/home/somebody/AppData/Local', name));
  });

  it.each(['home', './home', '', '.'])('is none where HOME is %o', (home) => {
    vi.stubEnv('HOME', home);
    pretendToBe('linux');
    expect(() => defaultTokenFile(identity)).toThrow('no home folder');
    expect(() => expandHome('~/token.json')).toThrow('no home folder');
  });
});

describeOn('posix')('a token file that is named', () => {
  it('is below the home folder where it begins with ~/, and stays as it is elsewhere', () => {
    expect(expandHome('~/state/token.json')).toBe('/home/somebody/state/token.json');
    expect(expandHome('/a/~/token.json')).toBe('/a/~/token.json');
    expect(expandHome('~token.json')).toBe('~token.json');
  });

  it('is not in the home of a user that is named', () => {
    expect(() => checkPath('tokenFile', '~nobody/token.json')).toThrow(RangeError);
    expect(() => checkPath('tokenFile', '~nobody/token.json')).toThrow('tokenFile');
    expect(checkPath('tokenFile', '~/token.json')).toBe('~/token.json');
  });
});
