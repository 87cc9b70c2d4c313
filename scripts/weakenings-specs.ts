import type { Weakening } from './weakenings.ts'

const inspectPaths = 'main/sandbox/inspect-paths.ts'
const gitMetadata = 'main/sandbox/spec/git-metadata.ts'

/** What a run may do is worked out wrongly. */
export const weakSpecs: readonly Weakening[] = [
  {
    name: 'links in protected places are passed over',
    rows: /refused/,
    changes: [
      {
        file: 'main/sandbox/spec/protected-in.ts',
        from: "if (link !== null) throw new SandboxUnavailable({ code: 'protectedPathIsSymlink', path })",
        to: "if (link !== null) return { path: '/etc', exists: true }",
      },
    ],
  },
  {
    name: 'what a grant opens is open as a whole',
    rows: /git metadata|grant|without it, a commit/,
    changes: [
      {
        file: inspectPaths,
        from: 'const closedInGrants = await look(await closedIn(grantedPaths, [...inRoots, ...ours], about))',
        to: 'const closedInGrants = []',
      },
    ],
  },
  {
    name: 'git metadata is granted to everybody',
    rows: /without it, a commit/,
    changes: [
      { file: inspectPaths, from: 'request.grant.gitMetadata ? await', to: 'request.folder ? await' },
    ],
  },
  {
    name: 'git metadata opens whatever a pointer names',
    rows: /git metadata/,
    changes: [
      {
        file: gitMetadata,
        from: 'return matches && inCommon && (await isRepository(common)) ? [common] : []',
        to: 'return [common]',
      },
      {
        file: gitMetadata,
        from: 'return back === top && (await isRepository(gitDir)) ? [gitDir] : []',
        to: 'return [gitDir]',
      },
    ],
  },
  {
    name: 'a commondir that appears stays',
    rows: /commondir/,
    changes: [
      {
        file: 'main/sandbox/git-dirs.ts',
        from: 'rmSync(path, { force: true, recursive: true })',
        to: '{}',
      },
    ],
  },
  {
    name: 'other names of a denied file are not looked for',
    rows: /another name/,
    changes: [
      {
        file: 'main/sandbox/spec/denied-reads.ts',
        from: 'if (links.length === 0) return []',
        to: 'if (links.length >= 0) return []',
      },
    ],
  },
  {
    name: 'settings with passwords are shown',
    rows: /password/,
    changes: [
      {
        file: inspectPaths,
        from: 'await withoutSecrets(places.readable, home)',
        to: 'places.readable',
      },
    ],
  },
  {
    name: 'a grant to read opens nothing',
    rows: /grant to read/,
    changes: [
      {
        file: 'main/sandbox/spec/denied-reads.ts',
        from: 'if (opened.length === 0) return places',
        to: 'if (opened.length >= 0) return places',
      },
      { file: inspectPaths, from: 'path === own || !readPaths.includes(path)', to: 'path !== null' },
    ],
  },
  {
    name: 'a network grant opens nothing',
    rows: /network grant opens the network/,
    changes: [{ file: inspectPaths, from: "request.grant.network ? 'host' : 'none'", to: "'none'" }],
  },
]
