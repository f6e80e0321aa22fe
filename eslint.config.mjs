import tseslint from 'typescript-eslint';

/** Who may read the environment: the option loader, the entry points, and what only tests and benchmarks run. */
const readsEnvironment = [
  'libs/config/src/**',
  'libs/service/src/run-service.ts',
  'libs/testing/src/**',
  '**/src/main.ts',
  '**/*.test.ts',
  '**/src/{test,testing,fixtures,faults}/**',
  'services/console/test/**',
  'conformance/**',
  'bench/**',
];

const tests = [
  '**/*.test.ts',
  '**/src/{test,testing,fixtures,faults}/**/*.ts',
  'services/console/test/**/*.ts',
  'libs/testing/src/**',
];

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '**/coverage/', '.nx/', '.parley/', '**/vitest.config.ts'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // A type is proved by a check or a signature; an assertion only says that we hope so. `as const` stays allowed.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Nest's modules are classes that only carry a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowStaticOnly: false }],
      // An implementation of an async interface may have nothing to wait for, and must still reject instead of throwing.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Nest declares its option bags as classes; they are given as literals everywhere.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Two ways to say the same; whichever reads better.
      '@typescript-eslint/array-type': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // Nest describes its options as classes and expects plain objects.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/class-literal-property-style': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-else-return': 'error',
      'no-param-reassign': 'error',
      complexity: ['error', 20],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Options come from @parley/config; only entry points hand over process.env.',
        },
      ],
    },
  },
  {
    files: readsEnvironment,
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: [...tests, 'conformance/**/*.ts', 'bench/**/*.ts', 'loadtests/**/*.ts', '**/src/main.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: [...tests, 'conformance/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      // `describe` in `describe` in `it` in a loop is how suites look.
      'max-depth': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: { parser: tseslint.parser, ecmaVersion: 2023 },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      // tsc checks these files too (scripts/tsconfig.json), which covers undefined names and wrong types.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-else-return': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      complexity: ['error', 20],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
);
