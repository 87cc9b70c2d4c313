const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Programs that run what another program name behind them says. */
const wrappers = words(`
  sudo doas su run0 pkexec env command exec nohup nice ionice timeout time stdbuf setsid xargs parallel
  watch script unbuffer strace ltrace nsenter unshare chroot bwrap busybox
`)

/** Programs that run whatever their arguments say: shells, interpreters, and some that can do anything. */
const broad = words(`
  bash sh zsh dash ksh mksh fish csh tcsh ash pwsh powershell nu xonsh eval
  python python2 python3 pypy pypy3 ipython node nodejs deno bun ruby irb perl php lua luajit rscript julia
  osascript tclsh wish awk gawk mawk nawk sed ed vi vim nvim emacs find gdb ssh
  git rm dd docker podman kubectl npm npx pnpm yarn pipx uvx
`)

/** Second words behind which anything can be run. */
const broadSeconds: Readonly<Record<string, ReadonlySet<string>>> = {
  npm: words('run exec x run-script explore'),
  pnpm: words('run exec dlx x'),
  yarn: words('run exec dlx'),
  bun: words('run x'),
  deno: words('run eval'),
  uv: words('run tool'),
  poetry: words('run'),
  docker: words('run exec'),
  podman: words('run exec'),
  kubectl: words('exec run'),
  git: words('-c -C config'),
}
const evaluates = /^-{1,2}[A-Za-z]*[ceEpr]$|^-$|^--(?:eval|command|exec|print)$|^-m$/

/**
 * Whether allowing everything that begins with these words would be too much to grant by a rule: shells, wrappers,
 * interpreters, `git`, `npm run` and the like. Codex replaces such suggestions by the full command.
 */
export function isBroadPrefix(prefix: readonly string[]): boolean {
  const [path, second, ...more] = prefix
  if (path === undefined || path === '') return true
  const file = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  const program = file.replace(/\.exe$/, '')
  // `python3.12` is python
  const name = program.replace(/[\d.]+$/, '')
  if (wrappers.has(program)) return isBroadPrefix(prefix.slice(1))
  const known = broad.has(program) || broad.has(name)
  if (second === undefined) return known
  if (more.length > 0) return false
  if (known && evaluates.test(second)) return true
  const seconds = Object.hasOwn(broadSeconds, name) ? broadSeconds[name] : undefined
  return seconds?.has(second) ?? false
}
