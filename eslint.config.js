import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** The rooms of src: each may import those before it. testing stands alone. */
const rooms = ['base', 'tt', 'stores', 'records', 'options', 'manager', 'adapters', 'cli'];
const oneWay = rooms.map((room, place) => ({
  target: `src/${room}`,
  from: ['src/index.ts', 'src/testing', ...rooms.slice(place + 1).map((later) => `src/${later}`)],
  message: `imports run one way: ${rooms.join(' <- ')}`,
}));
const alone = {
  target: 'src/testing',
  message: 'testing stands alone: it may import base, and the types of stores and managers',
};
const standsAlone = [
  {
    ...alone,
    from: ['src/index.ts', ...rooms.slice(1).map((room) => `src/${room}`)].filter(
      (place) => !/(stores|manager)$/.test(place),
    ),
  },
  { ...alone, from: 'src/stores', except: ['./store.ts'] },
  { ...alone, from: 'src/manager', except: ['./token-manager.ts', './events.ts'] },
];

export default defineConfig(
  globalIgnores([
    'dist',
    'coverage',
    'docs',
    'reports',
    // Needs NestJS, which the matrix has.
    'examples/recipes/nestjs',
    'test/matrix/types/programs',
    'test/matrix/generated/programs',
    'examples/recipes',
  ]),
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // Closures, not classes: the methods of our interfaces never use `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['src/**'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  {
    files: ['src/adapters/**', 'src/manager/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > Property[kind="get"]',
          message: 'V8 holds what a getter in a literal refers to until a full collection',
        },
      ],
    },
  },
  {
    files: ['src/**'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts'] } })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: [...oneWay, ...standsAlone] }],
      'import-x/no-cycle': 'error',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        process: 'readonly',
        setImmediate: 'readonly',
      },
    },
  },
  {
    files: ['examples/deploy/**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['examples/deploy/**'],
    languageOptions: {
      globals: {
        __dirname: 'readonly',
        afterAll: 'readonly',
        afterEach: 'readonly',
        beforeAll: 'readonly',
        beforeEach: 'readonly',
        expect: 'readonly',
        fetch: 'readonly',
        jest: 'readonly',
        module: 'writable',
        require: 'readonly',
        test: 'readonly',
      },
    },
  },
  {
    files: ['test/bench/**/*.mjs'],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        Headers: 'readonly',
        Request: 'readonly',
        Response: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['test/matrix/**'],
    languageOptions: {
      globals: {
        FormData: 'readonly',
        Request: 'readonly',
        Response: 'readonly',
        URL: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        setImmediate: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['test/matrix/**/*.cjs'],
    languageOptions: { globals: { module: 'writable', require: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['test/matrix/test-tools/programs/jest*'],
    languageOptions: {
      globals: {
        afterEach: 'readonly',
        beforeEach: 'readonly',
        expect: 'readonly',
        jest: 'readonly',
        test: 'readonly',
      },
    },
  },
);
