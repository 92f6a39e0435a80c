import axios from 'axios';
import { describe } from 'vitest';
import { itSendsCredentialsHomeOnly } from './axios-target.js';

describe('axios', () => {
  itSendsCredentialsHomeOnly((config) => axios.create(config));
});
