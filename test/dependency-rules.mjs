// The arrows of import, as CONTRIBUTING.md draws them: none comes back. `launch` is what users run: it answers
// `--version` itself and loads `main` for the rest; `start` puts the commands together. `root-part` is the process that
// stays root beside a run that becomes another user.
//
//   main ──► cli ──► flows ──► core ──► errors
//     │       │        │         ▲
//     │       ├► config┼─────────┤
//     │       └────────┼─────────┤
//     │                ▼         │
//     └──► wire ──► io ──► ports ┘

const layers = {
  errors: [],
  core: ['core', 'errors'],
  ports: ['ports', 'core', 'errors'],
  config: ['config', 'core', 'errors'],
  flows: ['flows', 'core', 'ports', 'errors'],
  io: ['io', 'core', 'ports', 'errors'],
  cli: ['cli', 'config', 'flows', 'core', 'ports', 'errors'],
  wire: ['wire', 'io', 'config', 'core', 'ports', 'errors'],
  start: ['cli', 'wire', 'config', 'io', 'ports', 'core', 'errors'],
  main: ['start', 'cli', 'io'],
  launch: ['main', 'io'],
  'root-part': ['io', 'core', 'ports', 'errors'],
};
const pathOf = (layer) => `^src/${layer}(/|\\.ts$)`;

const arrows = Object.entries(layers).map(([layer, allowed]) => ({
  name: `arrows-of-${layer}`,
  comment: `${layer} may import ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: pathOf(layer) },
  to: { path: '^src/', pathNot: allowed.map(pathOf).join('|') || '^$' },
}));

/** A library, and the only files that may import it. */
const owners = {
  '@aws-sdk': '^src/io/(route53|aws-|default-credentials)',
  '@smithy': '^src/io/(route53|aws-)',
  undici: '^src/io/http',
  'acme-client': '^src/io/acme-',
  'dns-packet': '^src/io/nameservers',
  pino: '^src/io/log',
  yargs: '^src/cli/',
  'yargs-parser': '^src/cli/',
};
const ownership = Object.entries(owners).map(([library, files]) => ({
  name: `only-its-adapter-imports-${library.replace('@', '')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: files },
  to: { path: `(^|/)node_modules/(@types/)?${library}(/|$)` },
}));

export default {
  forbidden: [
    ...arrows,
    ...ownership,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'src-knows-no-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'src-needs-no-other-library',
      comment: 'all are bundled, and none is installed with lanacme: the README has the reason for each',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '(^|/)node_modules/',
        pathNot: `(^|/)node_modules/(@types/)?(node|node-forge|${Object.keys(owners).join('|')})(/|$)`,
      },
    },
    {
      name: 'core-touches-nothing',
      comment: 'core may use what computes (crypto, url), never what reaches outside',
      severity: 'error',
      from: { path: '^src/(core|errors|ports)' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|url|buffer|util|path)$' },
    },
    {
      name: 'flows-touch-nothing',
      severity: 'error',
      from: { path: '^src/flows' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|path)$' },
    },
    {
      name: 'core-and-flows-need-no-library',
      severity: 'error',
      from: { path: '^src/(core|flows|errors|ports)' },
      to: { path: '(^|/)node_modules/', pathNot: 'node_modules/@types/node/' },
    },
    {
      name: 'src-knows-no-packaging',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^packaging/' },
    },
    {
      name: 'the-world-knows-no-src',
      comment: 'what tests measure lanacme against is not made of lanacme',
      severity: 'error',
      from: { path: '^test/world/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'src-is-reachable-from-launch',
      comment: 'or it is of the process that stays root, which starts in a file of its own',
      severity: 'error',
      from: { path: '^src/launch\\.ts$' },
      to: {
        path: '^src/',
        pathNot: '\\.d\\.ts$|^src/root-part\\.ts$|^src/io/(root-part|root-requests|foreign-\\w+)\\.ts$',
        reachable: false,
      },
    },
    {
      name: 'core-is-tested',
      comment: 'every file of core is reached from test/core',
      severity: 'error',
      from: { path: '^test/core/' },
      to: { path: '^src/core/', reachable: false },
    },
    {
      name: 'imports-exist',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
    parser: 'tsc',
  },
};
