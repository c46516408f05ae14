// The linter's rules. Two ideas beyond the usual: a forgotten promise is a record left in somebody's
// zone, so every promise rule is on; and `core` and `flows` take time, randomness and the process as arguments.
import tseslint from 'typescript-eslint';

const clockAndChance = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Take the time from a Clock that is passed in.',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Take the time from a Clock that is passed in.',
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Take chance from a Random that is passed in.',
  },
];

const processExit = {
  selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
  message: 'Only main ends the process, by process.exitCode: output in flight would be lost.',
};

const outsideWorld = ['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'core and flows have no outside world: take it as an argument.',
}));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './test/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/promise-function-async': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'preserve-caught-error': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', processExit],
      complexity: ['warn', 12],
      'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/core/**', 'src/flows/**'],
    rules: {
      'no-restricted-globals': ['error', ...outsideWorld],
      'no-restricted-syntax': ['error', processExit, ...clockAndChance],
    },
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        processExit,
        ...clockAndChance,
        { selector: ':function[async=true]', message: 'core decides on plain data and never waits.' },
        { selector: 'AwaitExpression', message: 'core decides on plain data and never waits.' },
      ],
    },
  },
  {
    files: ['test/**', '*.mjs'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['test/demo/**', 'test/bench/**', 'test/*.mjs', 'test/support/*.mjs', '*.mjs'],
    rules: { 'no-console': 'off' },
  },
);
