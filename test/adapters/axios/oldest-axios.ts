import { vi } from 'vitest';

vi.doMock('axios', () => import('axios-oldest'));
vi.resetModules();

/** The adapter as it is where axios 1.6.0 is installed. */
export const { authenticateAxios: authenticateOldestAxios } =
  await import('../../../src/adapters/axios/index.js');

vi.doUnmock('axios');
