// The linter's rules. Two ideas beyond the usual: a forgotten promise is a record left in somebody's
// zone, so every promise rule is on; and `core` and `flows` take time, randomness and the process as arguments.
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { disableNeedsReason } from './test/support/disable-needs-reason.mjs';

const clockAndChance = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Take the time from a Clock that is passed in.',
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: 'Take the time from a Clock that is passed in.',
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Take the time from a Clock that is passed in.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Take chance from a Random that is passed in.',
  },
  {
    selector:
      'ImportDeclaration[source.value=/crypto$/] ImportSpecifier[imported.name=/^(random|webcrypto)/]',
    message: 'Take chance from a Random that is passed in.',
  },
];

const processExit = {
  selector: "MemberExpression[object.name='process'][property.name=/^(exit|reallyExit|abort)$/]",
  message: 'Only main ends the process, by process.exitCode: output in flight would be lost.',
};

const neverWaits = [':function[async=true]', 'AwaitExpression', 'ForOfStatement[await=true]'].map(
  (selector) => ({
    selector,
    message: 'core decides on plain data and never waits.',
  }),
);

const outsideWorld = [
  'process',
  'globalThis',
  'global',
  'fetch',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
].map((name) => ({
  name,
  message: 'core and flows have no outside world: take it as an argument.',
}));

export default defineConfig(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**'] },
  tseslint.configs.strictTypeChecked,
  {
    // The tests' project has every file in it, so that types are worked out once and not once per project.
    languageOptions: {
      parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { lanacme: { rules: { 'disable-needs-reason': disableNeedsReason } } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/promise-function-async': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'lanacme/disable-needs-reason': 'error',
      'preserve-caught-error': 'error',
      'no-async-promise-executor': 'error',
      'no-constant-binary-expression': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', processExit],
      'no-restricted-imports': [
        'error',
        { paths: ['node:process', 'process'].map((name) => ({ name, message: processExit.message })) },
      ],
      complexity: ['warn', 12],
      'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/flows/**'],
    rules: {
      'no-restricted-globals': ['error', ...outsideWorld],
      'no-restricted-syntax': ['error', processExit, ...clockAndChance],
    },
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-globals': ['error', ...outsideWorld],
      'no-restricted-syntax': ['error', processExit, ...clockAndChance, ...neverWaits],
    },
  },
  // A port says that its methods take time; an adapter of it that reads a small file at once still rejects, not throws.
  { files: ['src/io/**', 'test/**'], rules: { '@typescript-eslint/require-await': 'off' } },
  {
    files: ['test/**', 'packaging/**', '*.mjs', '*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: [
      'packaging/**',
      'test/demo/**',
      'test/bench/**',
      'test/*.mjs',
      'test/{booted,support}/*.mjs',
      '*.mjs',
    ],
    rules: { 'no-console': 'off' },
  },
);
