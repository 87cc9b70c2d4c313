/** What a message of a program claims. Only a claim: it comes from inside, and may be made up. */
export type Claim =
  | {
      readonly kind: 'path'
      /** As printed, so possibly relative. */
      readonly path: string
      readonly wants: 'file' | 'directory' | 'unknown'
      /** The folder around the path is what has to be written: removing, renaming, a temporary name. */
      readonly inFolder: boolean
      /** `certain`: only a read-only mount says so. `possible`: ordinary permissions say it as well. */
      readonly weight: 'certain' | 'possible'
      readonly evidence: string
    }
  | {
      readonly kind: 'host'
      readonly host: string | null
      readonly port: number | null
      /** `refused`: somebody answered, or nobody listens in the empty namespace. */
      readonly why: 'unresolved' | 'unreachable' | 'refused'
      readonly evidence: string
    }

/** Bounds on what is looked at: the end of the output, where programs say why they gave up. */
const maxChars = 64 * 1024
const maxLineChars = 2000
const maxClaims = 64
const maxEvidence = 300

/** Reads claims from the end of a program's output, latest first. Pure and linear in the bounded input. */
export function readMessages(output: string): readonly Claim[] {
  const lines = plainText(output.slice(-maxChars))
    .split(/[\r\n]+/)
    .map((line) => line.slice(0, maxLineChars).trim())
  const claims: Claim[] = []
  for (let at = lines.length - 1; at >= 0 && claims.length < maxClaims; at--) {
    const line = lines[at]
    if (!line) continue
    claims.push(...hostClaims(line))
    claims.push(...pathClaims(line, lines.slice(Math.max(0, at - 4), at)))
  }
  return claims.slice(0, maxClaims)
}

/** Without escape sequences and control characters, and with one kind of quote instead of seven. */
function plainText(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- terminal sequences are what is removed here
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,500}(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '')
      .replace(/[‘’‚‛`´«»“”„]/g, "'")
      // oxlint-disable-next-line no-control-regex -- as above
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
  )
}

const readOnly = /read-only file ?system|\bEROFS\b|os error 30\b|errno 30\b/i
const denied = /permission denied|\bEACCES\b|operation not permitted|\bEPERM\b|os error 13\b|errno 13\b/i
const inFolder =
  /cannot (?:remove|move|rename|unlink)|temporary file|, (?:unlink|rmdir|rename|symlink|link) '/i
const makesFolder = /mkdir|creat\w+ (?:the )?director|create_dir|makedirs/i

function pathClaims(line: string, before: readonly string[]): Claim[] {
  const certain = readOnly.test(line)
  if (!certain && !denied.test(line)) return []
  // Some tools name the path first and the reason lines later (cargo: "Caused by:").
  const near = [line, ...before.toReversed()]
  for (const text of near) {
    const paths = pathsIn(text)
    if (paths.length === 0) continue
    return paths.map((path) => ({
      kind: 'path',
      path,
      wants: makesFolder.test(text) ? 'directory' : 'unknown',
      inFolder: inFolder.test(text),
      weight: certain ? 'certain' : 'possible',
      evidence: line.slice(0, maxEvidence),
    }))
  }
  return []
}

/** Everything in a line that may be meant as a path: quoted, or between the colons of `tool: path: reason`. */
function pathsIn(line: string): string[] {
  const quoted = [...line.matchAll(/'([^']{1,4096})'|"([^"]{1,4096})"/g)].map(([, a, b]) => a ?? b ?? '')
  const paths = quoted.filter((text) => text.includes('/') || /^[\w.@+-]+$/.test(text))
  if (paths.length > 0) return paths.slice(0, 4)
  // `bash: line 1: /etc/x: Read-only …`, `open /etc/x: read-only …`, `sh: 1: cannot create x: Read-only …`
  const segments = line.split(': ').filter((part) => !readOnly.test(part) && !denied.test(part))
  const named = (segments.at(-1) ?? '').replace(verbs, '').trim()
  const words = named.split(/\s+/)
  // A name with spaces is believed when it starts like a path; in a sentence, the path comes last.
  const whole = words.length === 1 || words[0]?.includes('/') ? [named] : []
  const found = [
    ...whole,
    ...words.filter((word) => word.startsWith('/')),
    ...words.slice(-1).filter(hasSlash),
  ]
  return [...new Set(found)].filter((word) => word.length <= 4096 && /\w/.test(word)).slice(0, 4)
}

const verbs =
  /^(?:(?:cannot|can't|could ?n[o']t|unable to|failed to)\b.{0,40}?\b(?:create|open|write|touch|file|directory)(?: to| the file)?|open|openat|mkdir|create|remove|rename|write|npm error path) /i
const hasSlash = (word: string): boolean => word.includes('/')

const name = String.raw`\[?([A-Za-z0-9_.:-]{1,253}?)\]?`
const hostPatterns: readonly {
  readonly pattern: RegExp
  readonly why: Extract<Claim, { kind: 'host' }>['why'] | null
}[] = [
  // curl, git, cargo, ssh
  {
    pattern: new RegExp(
      String.raw`could(?: not|n't) resolve (?:host: |proxy: |hostname )'?${name}'?(?=$|[\s:;,)(])`,
      'i',
    ),
    why: 'unresolved',
  },
  // wget, apt, psql
  { pattern: new RegExp(`unable to resolve host address '?${name}'?(?=$|[\\s;,)])`, 'i'), why: 'unresolved' },
  { pattern: new RegExp(`temporary failure resolving '${name}'`, 'i'), why: 'unresolved' },
  { pattern: new RegExp(`could not translate host name ["']${name}["']`, 'i'), why: 'unresolved' },
  // node, npm
  {
    pattern: new RegExp(`getaddrinfo (?:EAI_AGAIN|ENOTFOUND|EAI_FAIL) ${name}(?::(\\d{1,5}))?(?=$|[\\s,;)])`),
    why: 'unresolved',
  },
  {
    pattern: new RegExp(
      `connect (?:ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|EPERM) ${name}:(\\d{1,5})(?=$|[\\s,;)])`,
    ),
    why: null,
  },
  // python requests, pip
  { pattern: new RegExp(`Connection(?:Pool)?\\(host='${name}', port=(\\d{1,5})\\)`), why: null },
  // go
  { pattern: new RegExp(`dial (?:tcp|udp): lookup ${name}(?: on \\S+)?: `), why: 'unresolved' },
  { pattern: new RegExp(`dial (?:tcp|udp)[46]? ${name}:(\\d{1,5}): connect: `), why: null },
  // curl, ssh, psql, wget, bash
  { pattern: new RegExp(`failed to connect to ${name} port (\\d{1,5})`, 'i'), why: null },
  { pattern: new RegExp(`connect to host ${name} port (\\d{1,5}): `, 'i'), why: null },
  {
    pattern: new RegExp(
      `connection to server at ["']${name}["'](?: \\([^)]*\\))?, port (\\d{1,5}) failed`,
      'i',
    ),
    why: null,
  },
  {
    pattern: new RegExp(
      `connecting to ${name}(?: \\([^)]*\\))?(?:\\|[^|]*\\|)?:(\\d{1,5})\\.\\.\\. failed`,
      'i',
    ),
    why: null,
  },
  { pattern: new RegExp(`/dev/(?:tcp|udp)/${name}/(\\d{1,5}): `), why: null },
  {
    pattern: new RegExp(
      `^(?:\\S+: )*${name}: (?:temporary failure in name resolution|name or service not known)`,
      'i',
    ),
    why: 'unresolved',
  },
]

function hostClaims(line: string): Claim[] {
  const evidence = line.slice(0, maxEvidence)
  for (const { pattern, why } of hostPatterns) {
    const [, host, port] = pattern.exec(line) ?? []
    if (!host || host.length > 253) continue
    const scheme = /\b(https?|ssh|git):\/\//.exec(line)?.[1]
    const usual = { http: 80, https: 443, ssh: 22, git: 9418 }[scheme ?? ''] ?? null
    const number = port === undefined ? usual : Number(port)
    if (number !== null && (number < 1 || number > 65535)) continue
    return [{ kind: 'host', host: host.toLowerCase(), port: number, why: why ?? reasonIn(line), evidence }]
  }
  if (
    /temporary failure in name resolution|\[errno -[235]\]|network is unreachable|\bENETUNREACH\b/i.test(
      line,
    ) ||
    // The filter of a closed network refuses the socket itself.
    /\bsocket: operation not permitted|urlopen error \[errno 1\]/i.test(line)
  ) {
    return [{ kind: 'host', host: null, port: null, why: 'unreachable', evidence }]
  }
  return []
}

const reasonIn = (line: string): 'unresolved' | 'unreachable' | 'refused' =>
  /refused|couldn't connect to server|could not connect/i.test(line) ? 'refused' : 'unreachable'
