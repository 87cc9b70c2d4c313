// A host for kill-sandbox.test.ts: two runs with absent protected paths and held calls, until they end or it is
// killed. Arguments: the launcher, a folder with `ws`, `out` and `home`. Prints one JSON object a line.
import { systemClock } from '../../main/platform/clock.ts'
import { createSandbox } from '../../main/sandbox/create-sandbox.ts'
import { noGrant } from '../../protocol/action.ts'
import type { HeldAnswer, HeldCall } from '../../protocol/sandbox.ts'

const [launcher = '', base = ''] = process.argv.slice(2)
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)
const folder = `${base}/ws`
const sandbox = createSandbox({ launcher, stateDir: `${base}/home/state`, clock: systemClock })

/** Writes where it may, where it may not, and where it has to ask, and leaves a process that cut its ties. */
const script = `
  (setsid bash -c 'exec -a "$BASE/outlive" sleep 3600' > /dev/null 2>&1 < /dev/null &)
  i=0
  while :; do
    i=$((i + 1))
    echo $i > "$BASE/ws/count-$$"
    (echo $i > "$BASE/out/asked-$i") &
    (echo $i > "$BASE/out/kept") &
    mkdir "$BASE/ws/.codex/x" "$BASE/ws/.git" "$BASE/out/dir-$i" &
    read -r -t 0.02 < <(exec -a "$BASE/pause" sleep 1)
  done
`

/** Some wait for ever, some are denied, and what is named `asked-3` is allowed. */
function answerHeld(call: HeldCall, answer: (answer: HeldAnswer) => void): void {
  say({ type: 'held', path: call.path })
  if (call.path === `${base}/out/asked-3`) answer({ verdict: 'path' })
  else if (call.id % 3 === 0) answer({ verdict: 'deny', remember: false })
}

// As every host does first.
const detected = await sandbox.detect()
if ('problem' in detected) throw new Error(JSON.stringify(detected))
const spec = await sandbox.buildSpec({
  mode: 'workspace-write',
  folder,
  extraWritableRoots: [],
  deniedReads: [],
  grant: noGrant,
  gatehouseHome: `${base}/home`,
  hold: 'writes',
})
const request = {
  spec,
  argv: ['bash', '-c', script],
  cwd: folder,
  env: { PATH: '/usr/bin:/bin', BASE: base },
  onHeld: answerHeld,
}
const run = await sandbox.start({ ...request, cols: 80, rows: 24, onData() {} })
say({ type: 'started', pid: run.pid })
const piped = sandbox.pipe({ ...request, stdin: null, maxBytes: 100, timeoutMs: 60_000, signal: null })
void run.up.then(({ holds, why }) => say({ type: 'up', holds, why }))
const ends = await Promise.all([run.exited, piped.then(({ exitCode, lost }) => ({ exitCode, lost }))])
say({ type: 'ends', ends })
