import { memoryStore } from '../../../src/index.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

itKeepsTheStoreContract(() => memoryStore());
