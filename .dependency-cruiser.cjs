/**
 * The walls of ARCHITECTURE.md. A package is reached through its door (`@parley/bus`, which resolves to the package's
 * dist/), so a path into another package's src/ is a breach by itself.
 * scripts/walls.test.mjs breaks each rule once and expects to be told.
 */

/** What a package may reach, besides itself and npm. */
const mayReach = {
  'libs/contracts': [],
  'libs/config': [],
  'libs/testing': [],
  'libs/telemetry': ['libs/contracts'],
  'libs/dialects': ['libs/contracts'],
  'libs/ot': ['libs/contracts'],
  'libs/bus': ['libs/contracts', 'libs/telemetry'],
  'libs/database': ['libs/contracts', 'libs/telemetry'],
  'libs/service': ['libs/contracts', 'libs/telemetry', 'libs/config', 'libs/bus', 'libs/database'],
  'libs/client': ['libs/contracts', 'libs/dialects', 'libs/ot'],
  'libs/react': ['libs/client'],
  'services/[^/]+': ['libs/(?!testing/|client/|react/)[^/]+'],
  // A page, made of the SDK as anybody's is.
  'services/console': ['libs/client', 'libs/react', 'libs/ot'],
  conformance: ['libs/contracts', 'libs/dialects'],
  bench: ['libs/[^/]+'],
};

/** Tests may start real servers, and those of conformance and bench whole clusters. */
const isTest = [
  '\\.test\\.tsx?$',
  '/src/(test|testing|fixtures|faults)/',
  '/src/[^/]+/(test|testing|fixtures)/',
  '^services/console/(test|rules)/',
  '/vite(st)?\\.config\\.m?[jt]s$',
];
const packages = '^(libs/[^/]+|services/[^/]+|conformance|bench)/';

const walls = Object.entries(mayReach).map(([from, targets]) => ({
  name: `wall-${from.replace('[^/]+', 'any').replace('/', '-')}`,
  comment: `${from} may reach ${targets.length === 0 ? 'no other package' : targets.join(', ')}`,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: isTest },
  to: {
    path: packages,
    pathNot: [`^${from.replace('[^/]+', '$1')}/`, ...targets.map((target) => `^${target}/`)],
  },
}));

// A service is told from its neighbours by the name captured here.
for (const wall of walls) {
  if (wall.name === 'wall-services-any') wall.from.path = '^services/(?!console/)([^/]+)/';
}

module.exports = {
  forbidden: [
    ...walls,
    {
      name: 'service-never-service',
      comment: 'Not even in tests: they meet on the bus, as processes.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'through-the-door',
      comment: 'Another package is imported by its name, never by a path into its sources.',
      severity: 'error',
      from: { path: '^(libs/[^/]+|services/[^/]+|conformance|bench)/' },
      to: { path: '^(libs/[^/]+|services/[^/]+|conformance|bench)/(src|test)/', pathNot: '^$1/' },
    },
    {
      name: 'nobody-imports-the-top',
      comment: 'conformance and bench stand outside: nothing depends on them.',
      severity: 'error',
      from: { pathNot: '^(conformance|bench|scripts)/' },
      to: { path: '^(conformance|bench)/' },
    },
    {
      name: 'only-bus-knows-nats',
      comment: 'Everything else speaks in contracts; the bus decides how they travel.',
      severity: 'error',
      from: { path: packages, pathNot: '^(libs/bus|bench)/' },
      to: { path: '(^|/)@nats-io/' },
    },
    {
      name: 'only-repositories-know-sql',
      comment:
        'SQL lives in *.repository.ts (and its table types in *.tables.ts); the rest of a service speaks of things.',
      severity: 'error',
      from: {
        path: packages,
        pathNot: [...isTest, '^libs/(database|testing)/', '\\.(repository|tables)\\.ts$', '^bench/'],
      },
      to: { path: '(^|/)node_modules/(@types/)?(pg|kysely)/' },
    },
    {
      name: 'pure-packages-do-no-io',
      comment: 'Contracts, dialects and operations are functions of their input; anything else makes them untestable.',
      severity: 'error',
      from: { path: '^libs/(contracts|dialects|ot)/', pathNot: isTest },
      to: { path: '^(node:)?(fs|net|http|https|child_process|dgram|dns|tls|worker_threads|cluster)(/|$)' },
    },
    {
      name: 'handlers-know-the-bus',
      comment: 'In a service, only its handlers, its module and its entry point know the bus.',
      severity: 'error',
      from: {
        path: '^services/(?!gateway/)[^/]+/',
        pathNot: [...isTest, '\\.(handlers|module|outbox)\\.ts$', '(/main|-events)\\.ts$'],
      },
      to: { path: '^libs/bus/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'gateway-has-no-database',
      comment: 'The gateway holds no state that outlives a socket.',
      severity: 'error',
      from: { path: '^services/gateway/', pathNot: isTest },
      to: { path: '^libs/database/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle is one file in several pieces.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-barrels',
      comment: "An index.ts is a package's door, or a dialect's.",
      severity: 'error',
      from: {},
      to: {
        path: '/index\\.ts$',
        pathNot: [
          'node_modules',
          '/dist/',
          '^(libs|services)/[^/]+/src/index\\.ts$',
          '^libs/dialects/src/(testing/)?[^/]+/index\\.ts$',
        ],
      },
    },
    {
      name: 'nobody-imports-its-own-door',
      comment: 'Inside a package files import each other, not the door.',
      severity: 'error',
      from: { path: '^(libs|services)/([^/]+)/src/', pathNot: isTest },
      to: { path: '^$1/$2/(src|dist)/index\\.' },
    },
    {
      name: 'no-tests-in-products',
      comment: 'Only a test imports a test, a test helper or vitest.',
      severity: 'error',
      from: { path: packages, pathNot: [...isTest, '^libs/testing/', '^bench/'] },
      to: { path: '(\\.test\\.ts$|^libs/testing/|(^|/)node_modules/(vitest|fast-check)/)' },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that resolves to nothing: not installed, not built, or misspelt.',
      severity: 'error',
      from: { path: packages },
      // What a plugin of the console's bundler makes.
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
    {
      name: 'no-undeclared-packages',
      comment: "A package that is not in its own package.json works only while another's happens to be installed.",
      severity: 'error',
      from: { path: packages, pathNot: isTest },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '(^|/)(coverage|\\.parley|charts|docs)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
