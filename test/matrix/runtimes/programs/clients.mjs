import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';
import { startFakeTT } from 'tt-token-manager/testing';
import { useThreeClients } from './three-clients.mjs';

const authenticate = { authenticateAxios, authenticateFetch, authenticateKy };
await useThreeClients({ createTokenManager, memoryStore, startFakeTT, ...authenticate });
