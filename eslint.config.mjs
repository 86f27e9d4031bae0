import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Time is an argument, but at the edges. */
const NO_CLOCK = [
  'error',
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is an argument.' },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Time is an argument.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'cdk.out/', 'coverage/', '.mutation/'] },
  {
    files: ['**/*.ts'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      // A cast hides what the compiler could have found. `as const` stays possible.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-depth': ['error', 3],
      'no-useless-rename': 'error',
      'object-shorthand': 'error',
      'no-console': 'error',
    },
  },
  {
    // Pure: time, environment and the outside world are arguments.
    files: [
      'lambda/{domain,text,x509,iam-policy,oidc,config,remedies,checks,state,report,alerting,remediation}/**/*.ts',
      'lambda/{decide,permissions}.ts',
    ],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
      'no-restricted-syntax': NO_CLOCK,
    },
  },
  {
    files: ['cli/**/*.ts'],
    ignores: ['cli/main.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch'],
      'no-restricted-syntax': NO_CLOCK,
    },
  },
  { files: ['demo/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
