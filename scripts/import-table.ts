/**
 * Who may import whom, as data. docs/ARCHITECTURE.md tells why; `check-imports.ts` reads every import against it.
 *
 * A folder may always import from itself, and otherwise only from lower levels: no neighbours, so no circles.
 */
export type Zone = {
  /** Where it is, from the root of the repository; the longest one that fits a file is its zone. */
  readonly at: string
  /** Folders or files it may import, besides itself. */
  readonly from: readonly string[]
  /** Packages it may import. `@scope/*` stands for all of a scope. */
  readonly packages: readonly string[]
  /** Whether Node's own modules may be used. */
  readonly node: boolean
  /** Said when something else is imported. */
  readonly rule: string
}

/** On top of a zone's own, for its `*.test.ts` files and for folders of doubles. */
export const forTests = {
  from: ['main/testing', 'renderer/testing', 'fixtures', 'native-sandbox'],
  packages: ['vitest', 'fast-check'],
  node: true,
} as const

/** Imported by tests only. */
export const testFolders: readonly string[] = ['main/testing', 'renderer/testing']

/** Where a name that is not a literal may be imported: tools, which are run by hand. */
export const mayComputeNames: readonly string[] = ['scripts', 'bench', 'e2e']

const level3 = [
  'main/config',
  'main/agent',
  'main/sandbox',
  'main/network',
  'main/approvals',
  'main/sessions',
  'main/workspace',
  'main/tools',
  'main/secrets',
  'main/audit',
  'main/telemetry',
]
const below3 = ['protocol', 'main/platform', 'main/policy']
const below5 = [...below3, ...level3, 'main/pipeline', 'main/fleet']
const below6 = [...below5, 'main/host']
const tools = [
  'vite',
  'vitest',
  '@playwright/*',
  '@axe-core/*',
  'electron-builder',
  'app-builder-lib',
  'builder-util',
  '@electron/*',
]
const onScreen = [
  'react',
  'react-dom',
  'zustand',
  'zod',
  '@base-ui/*',
  '@tanstack/*',
  '@xterm/*',
  '@fontsource*/*',
]

const inMain = (
  at: string,
  from: readonly string[],
  rule: string,
  packages: readonly string[] = ['zod'],
): Zone => ({
  at,
  from,
  packages,
  node: true,
  rule,
})

const level3Packages: Readonly<Record<string, readonly string[]>> = {
  'main/agent': ['zod', 'ai', '@ai-sdk/*', '@agentclientprotocol/*'],
  'main/config': ['zod', 'smol-toml'],
  'main/sandbox': ['zod', 'node-pty'],
  'main/network': ['zod', 'ipaddr.js', 'tldts'],
  'main/workspace': ['zod', '@parcel/watcher', 'smol-toml'],
  'main/tools': ['zod', '@modelcontextprotocol/*'],
  'main/telemetry': ['zod', '@opentelemetry/*'],
}

const inRenderer = (at: string, from: readonly string[], rule: string): Zone => ({
  at,
  from,
  packages: onScreen,
  node: false,
  rule,
})

/** What the screens share. */
const belowFeatures = ['card', 'state', 'ui', 'keys', 'styles'].map((name) => `renderer/${name}`)

export const zones: readonly Zone[] = [
  {
    at: 'protocol',
    from: [],
    packages: ['zod'],
    node: false,
    rule: 'protocol/ is level 0: plain JavaScript and zod',
  },
  inMain('main/platform', ['protocol'], 'main/platform/ is level 1 and imports protocol/ only', [
    'zod',
    'node-pty',
    'web-tree-sitter',
    'tree-sitter-bash',
  ]),
  {
    at: 'main/policy',
    from: ['protocol'],
    packages: ['ipaddr.js', 'tldts'],
    node: false,
    rule: 'main/policy/ is pure: protocol/ only, no Node',
  },
  ...level3.map((at) =>
    inMain(
      at,
      below3,
      `${at}/ is level 3: protocol/, platform/ and policy/, never a neighbour; they meet in pipeline/`,
      level3Packages[at],
    ),
  ),
  inMain('main/pipeline', [...below3, ...level3], 'main/pipeline/ is level 4 and imports levels 0 to 3'),
  inMain('main/fleet', [...below3, ...level3], 'main/fleet/ is level 4 and imports levels 0 to 3'),
  inMain('main/host', below5, 'main/host/ is level 5 and imports levels 0 to 4'),
  inMain('main/serve', below6, 'main/serve/ is level 6: levels 0 to 5, never shell/', ['zod', 'ws']),
  inMain('main/cli', below6, 'main/cli/ is level 6: levels 0 to 5, never serve/ or shell/'),
  inMain('main/shell', below6, 'main/shell/ is level 6: levels 0 to 5, never serve/', ['zod', 'electron']),
  inMain('main/testing', below6, 'main/testing/ imports levels 0 to 5', ['zod', 'vitest']),
  {
    at: 'preload',
    from: ['protocol'],
    packages: ['electron'],
    node: false,
    rule: 'preload/ imports protocol/ and electron only',
  },
  inRenderer(
    'renderer',
    ['protocol', 'renderer/features', 'renderer/frame', ...belowFeatures],
    'renderer/ imports protocol/ and everything below it but client/; only main.tsx imports that',
  ),
  inRenderer(
    'renderer/main.tsx',
    ['protocol', 'renderer'],
    'renderer/main.tsx imports protocol/ and renderer/',
  ),
  inRenderer(
    'renderer/client',
    ['protocol', 'preload/window.d.ts', 'renderer/state/connection.ts'],
    'renderer/client/ imports protocol/ and the link it reports to in state/connection.ts',
  ),
  inRenderer('renderer/state', ['protocol'], 'renderer/state/ imports protocol/ only'),
  inRenderer('renderer/ui', ['renderer/styles'], 'renderer/ui/ knows nothing of the domain: styles/ only'),
  inRenderer('renderer/keys', ['protocol'], 'renderer/keys/ imports protocol/ only'),
  inRenderer('renderer/styles', [], 'renderer/styles/ imports fonts only'),
  inRenderer(
    'renderer/features/*',
    ['protocol', ...belowFeatures],
    'a feature imports protocol/, card/, state/, ui/ and keys/, never another feature',
  ),
  inRenderer(
    'renderer/frame',
    ['protocol', ...belowFeatures],
    'renderer/frame/ imports protocol/, card/, state/, ui/ and keys/, never a feature',
  ),
  inRenderer(
    'renderer/card',
    ['protocol', 'renderer/state', 'renderer/ui', 'renderer/keys', 'renderer/styles'],
    'renderer/card/ imports protocol/, state/, ui/ and keys/, never a feature',
  ),
  inRenderer(
    'renderer/catalogue',
    ['protocol', 'renderer', 'fixtures'],
    'renderer/catalogue/ imports protocol/, renderer/ and fixtures/',
  ),
  {
    ...inRenderer(
      'renderer/testing',
      ['protocol', 'renderer/state', 'renderer/client', 'fixtures'],
      'renderer/testing/ imports protocol/, state/, client/ and fixtures/',
    ),
    node: true,
  },
  {
    at: 'e2e',
    from: ['protocol', 'fixtures', 'main/host', 'main/shell', 'main/testing', 'preload', 'scripts'],
    packages: [...tools, 'zod', 'ws'],
    node: true,
    rule: 'e2e/ imports protocol/, fixtures/, and host/, shell/ and testing/ to start a host',
  },
  {
    at: 'e2e/sandbox',
    from: [
      'protocol',
      'fixtures',
      'main/platform',
      'main/policy',
      'main/sandbox',
      'main/network',
      'main/testing',
      'e2e/support',
      'native-sandbox',
      'scripts',
    ],
    packages: ['vitest'],
    node: true,
    rule: 'e2e/sandbox/ imports protocol/, platform/, policy/, sandbox/ and network/: what contains a command',
  },
  {
    at: 'e2e/crash',
    from: [
      'protocol',
      'fixtures',
      'main/platform',
      'main/sandbox',
      'main/sessions',
      'main/testing',
      'e2e/support',
      'e2e/sandbox/support',
    ],
    packages: ['vitest', 'ws', 'zod'],
    node: true,
    rule: 'e2e/crash/ imports protocol/, platform/, sandbox/ and sessions/: it ends hosts and runs and reads what is left',
  },
  {
    at: 'fixtures',
    from: ['protocol'],
    packages: ['zod'],
    node: true,
    rule: 'fixtures/ imports protocol/ only',
  },
  {
    at: 'scripts',
    from: [
      'protocol',
      'fixtures',
      'main/platform',
      'main/policy',
      'main/config',
      'main/host',
      'main/cli',
      'e2e/support',
    ],
    packages: [...tools, 'zod'],
    node: true,
    rule: 'scripts/ imports protocol/, fixtures/, main/host/, main/cli/, what it compares with vectors, and e2e/support/',
  },
  {
    at: 'bench',
    from: ['protocol', 'fixtures', 'main', 'e2e/support'],
    packages: [...tools, 'zod', 'ws', 'node-pty'],
    node: true,
    rule: 'bench/ imports protocol/, fixtures/, main/ and e2e/support/',
  },
]
