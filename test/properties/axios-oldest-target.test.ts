import axios from 'axios';
import axiosOldest from 'axios-oldest';
import { describe, expect, it, vi } from 'vitest';
import { itSendsCredentialsHomeOnly } from './axios-target.js';

// The adapter finds axios's own adapters in the axios that is installed.
vi.mock('axios', () => import('axios-oldest'));

describe('axios 1.6.0', () => {
  it('is the one that the adapter works with', () => {
    expect(axios).toBe(axiosOldest);
    expect(axios.VERSION).toBe('1.6.0');
  });

  itSendsCredentialsHomeOnly((config) => axios.create(config));
});
