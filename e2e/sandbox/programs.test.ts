import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../main/platform/clock.ts'
import { createSandbox } from '../../main/sandbox/create-sandbox.ts'
import { buildLauncher } from '../../native-sandbox/build.mjs'
import { noGrant } from '../../protocol/action.ts'
import type { HeldAnswer, HeldCall } from '../../protocol/sandbox.ts'

/**
 * A program that nobody changed, doing work outside its boundary. Approved: it finishes in the same process, without a
 * re-run. Denied: it ends with the error it always had for a place it may not write.
 */
type Work = {
  readonly name: string
  /** Commands that must answer `--version`; without one of them the row is skipped and says so. */
  readonly needs: readonly string[]
  /** $OUT is the folder outside, $WS the workspace (also where it runs). Ends with 0 when the work was done. */
  readonly script: string
  /** What of the work must stand in $OUT afterwards. */
  readonly made: (out: string) => boolean
  /** Words of the error when denied, as the program says them. */
  readonly error: RegExp
  readonly prepare?: (ws: string, out: string) => void
  /** How each held call is answered. Absent: the whole folder $OUT, at the first question. */
  readonly answer?: (call: HeldCall) => HeldAnswer
}

const refused = /permission denied|read-only file system|EACCES|EROFS|unable to open database|E212/i
const once = (): HeldAnswer => ({ verdict: 'once' })
const path = (): HeldAnswer => ({ verdict: 'path' })
const lines = (...all: string[]) => `${all.join('\n')}\n`

const works: readonly Work[] = [
  {
    name: 'git, with its repository outside',
    needs: ['git'],
    script:
      'git init -q "$OUT/repo" && cd "$OUT/repo" && echo a > a && git add a && git commit -q -m first && git log --oneline | grep -q first',
    made: (out) => existsSync(`${out}/repo/.git/refs/heads`),
    error: refused,
  },
  {
    name: 'git clone to a folder outside',
    needs: ['git'],
    prepare: (ws) => {
      execFileSync('git', ['init', '-q', `${ws}/from`])
      writeFileSync(`${ws}/from/a`, 'a\n')
      execFileSync('sh', [
        '-c',
        'cd "$1/from" && git add a && git -c user.name=a -c user.email=a@example.invalid commit -q -m a',
        'sh',
        ws,
      ])
    },
    script: 'git -c safe.directory="*" clone -q from "$OUT/clone" && test -f "$OUT/clone/a"',
    made: (out) => existsSync(`${out}/clone/a`),
    error: refused,
  },
  {
    name: 'npm install with its cache outside',
    needs: ['npm'],
    prepare: (ws) => {
      mkdirSync(`${ws}/dep`)
      writeFileSync(`${ws}/dep/package.json`, '{"name":"dep","version":"1.0.0"}')
      execFileSync('npm', ['pack', '--silent', '--pack-destination', ws, `${ws}/dep`], {
        cwd: ws,
        stdio: 'pipe',
      })
      writeFileSync(
        `${ws}/package.json`,
        '{"name":"app","version":"1.0.0","dependencies":{"dep":"file:dep-1.0.0.tgz"}}',
      )
    },
    script:
      'npm install --offline --no-audit --no-fund --cache "$OUT/cache" 2>&1 && test -f node_modules/dep/package.json',
    made: (out) => existsSync(`${out}/cache/_cacache`),
    error: refused,
  },
  {
    name: 'pip, into a folder outside',
    needs: ['python3 -m pip'],
    prepare: (ws) => {
      mkdirSync(`${ws}/pkg`)
      writeFileSync(
        `${ws}/wheel.py`,
        lines(
          'import zipfile',
          'w = zipfile.ZipFile("small-1.0-py3-none-any.whl", "w")',
          'w.writestr("small.py", "x = 1\\n")',
          'w.writestr("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")',
          'w.writestr("small-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: a\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")',
          'w.writestr("small-1.0.dist-info/RECORD", "small.py,,\\nsmall-1.0.dist-info/METADATA,,\\nsmall-1.0.dist-info/WHEEL,,\\nsmall-1.0.dist-info/RECORD,,\\n")',
          'w.close()',
        ),
      )
    },
    script:
      'P=$(python3 -c "import sys; print(sys.executable)"); "$P" wheel.py && "$P" -m pip install --no-index --no-deps --no-cache-dir --quiet --target "$OUT/lib" ./small-1.0-py3-none-any.whl 2>&1',
    made: (out) => existsSync(`${out}/lib/small.py`),
    error: refused,
  },
  {
    name: 'cargo, with its target folder outside',
    needs: ['cargo'],
    prepare: (ws) => {
      mkdirSync(`${ws}/src`)
      writeFileSync(`${ws}/Cargo.toml`, '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n')
      writeFileSync(`${ws}/src/main.rs`, 'fn main() { println!("built"); }\n')
    },
    script:
      'cargo build --offline --quiet --target-dir "$OUT/target" 2>&1 && "$OUT/target/debug/app" | grep -q built',
    made: (out) => existsSync(`${out}/target/debug/app`),
    error: refused,
  },
  {
    name: 'tar, unpacking outside',
    needs: ['tar'],
    prepare: (ws) => {
      mkdirSync(`${ws}/many/deep/er`, { recursive: true })
      for (let i = 0; i < 300; i++) writeFileSync(`${ws}/many/deep/er/${i}`, `${i}\n`)
      execFileSync('tar', ['-C', ws, '-cf', `${ws}/many.tar`, 'many'])
    },
    script: 'tar -C "$OUT" -xf many.tar 2>&1 && test "$(ls "$OUT/many/deep/er" | wc -l)" = 300',
    made: (out) => readdirSync(`${out}/many/deep/er`).length === 300,
    error: refused,
  },
  {
    name: 'tar, each file answered once',
    needs: ['tar'],
    prepare: (ws) => {
      for (const name of ['a', 'b', 'c']) writeFileSync(`${ws}/${name}`, `${name}\n`)
      execFileSync('tar', ['-C', ws, '-cf', `${ws}/three.tar`, 'a', 'b', 'c'])
    },
    script: 'tar -C "$OUT" --no-same-owner --touch -xf three.tar 2>&1; cat "$OUT/a" "$OUT/b" "$OUT/c"',
    made: (out) => ['a', 'b', 'c'].every((name) => readFileSync(`${out}/${name}`, 'utf8') === `${name}\n`),
    error: refused,
    answer: once,
  },
  {
    name: 'make -j, many writers at once',
    needs: ['make'],
    prepare: (ws) =>
      writeFileSync(
        `${ws}/Makefile`,
        `all: ${Array.from({ length: 16 }, (_, i) => `$(OUT)/o${i}`).join(' ')}\n$(OUT)/o%:\n\t@echo $* > $@\n`,
      ),
    script: 'make -s -j8 OUT="$OUT" 2>&1',
    made: (out) => Array.from({ length: 16 }, (_, i) => existsSync(`${out}/o${i}`)).every(Boolean),
    error: refused,
  },
  {
    name: 'make -j, each target answered by its path',
    needs: ['make'],
    prepare: (ws) =>
      writeFileSync(
        `${ws}/Makefile`,
        `all: ${Array.from({ length: 8 }, (_, i) => `$(OUT)/o${i}`).join(' ')}\n$(OUT)/o%:\n\t@echo $* > $@\n`,
      ),
    script: 'make -s -j4 OUT="$OUT" 2>&1',
    made: (out) =>
      Array.from({ length: 8 }, (_, i) => readFileSync(`${out}/o${i}`, 'utf8') === `${i}\n`).every(Boolean),
    error: refused,
    answer: path,
  },
  {
    name: 'sqlite3, a database outside',
    needs: ['sqlite3'],
    script:
      'sqlite3 "$OUT/db" "create table t(x); insert into t values (1); select x from t" 2>&1 | tee seen; grep -qx 1 seen',
    made: (out) => existsSync(`${out}/db`),
    error: refused,
  },
  {
    name: 'vim, a file outside',
    needs: ['vim'],
    script:
      'vim -es -u NONE -i NONE -n "+normal ihello" "+w" "+qa!" "$OUT/text" < /dev/null; cat "$OUT/text" 2>&1',
    made: (out) => readFileSync(`${out}/text`, 'utf8') === 'hello\n',
    error: /no such file|E212/i,
    answer: path,
  },
  {
    name: 'Node, sixteen threads at once',
    needs: ['node'],
    prepare: (ws) =>
      writeFileSync(
        `${ws}/threads.mjs`,
        lines(
          "import { Worker } from 'node:worker_threads'",
          "const code = \"require('node:fs').writeFileSync(process.env.OUT + '/w' + require('node:worker_threads').workerData, 'x')\"",
          'await Promise.all(Array.from({ length: 16 }, (_, i) => new Promise((yes, no) => new Worker(code, { eval: true, workerData: i }).on("exit", yes).on("error", no))))',
        ),
      ),
    script: 'node threads.mjs 2>&1',
    made: (out) => Array.from({ length: 16 }, (_, i) => existsSync(`${out}/w${i}`)).every(Boolean),
    error: refused,
    answer: path,
  },
  {
    name: 'Node, a child that reads its input to the end',
    needs: ['node'],
    script:
      'node -e \'require("child_process").execSync("cat > $OUT/fed", { input: "fed", timeout: 20000, stdio: ["pipe", "pipe", "inherit"] })\'',
    made: (out) => readFileSync(`${out}/fed`, 'utf8') === 'fed',
    error: refused,
    answer: path,
  },
  {
    name: 'a static program',
    needs: ['gcc'],
    prepare: (ws) => {
      writeFileSync(
        `${ws}/s.c`,
        lines(
          '#include <stdio.h>',
          '#include <string.h>',
          '#include <errno.h>',
          'int main(int argc, char **argv) { FILE *f = fopen(argv[argc - 1], "w"); if (!f) { printf("%s\\n", strerror(errno)); return 1; } fputs("static\\n", f); return fclose(f); }',
        ),
      )
      execFileSync('gcc', ['-static', '-O1', '-o', `${ws}/s`, `${ws}/s.c`])
    },
    script: './s "$OUT/static"',
    made: (out) => readFileSync(`${out}/static`, 'utf8') === 'static\n',
    error: refused,
    answer: once,
  },
  {
    name: 'Java, a file outside',
    needs: ['java'],
    prepare: (ws) =>
      writeFileSync(
        `${ws}/A.java`,
        'public class A { public static void main(String[] a) throws Exception { java.nio.file.Files.writeString(java.nio.file.Path.of(System.getenv("OUT") + "/java"), "x"); } }\n',
      ),
    script: 'java A.java 2>&1 || exit $?',
    made: (out) => existsSync(`${out}/java`),
    error: /AccessDenied|Read-only/,
    answer: path,
  },
  {
    name: 'cp, mv, ln, mkdir, rm and touch',
    needs: ['cp'],
    script:
      'mkdir "$OUT/d" && cp /etc/hostname "$OUT/d/a" && mv "$OUT/d/a" "$OUT/d/b" && ln -s b "$OUT/d/l" && ln "$OUT/d/b" "$OUT/d/h" && touch -d @1 "$OUT/d/h" && chmod 600 "$OUT/d/h" && truncate -s 0 "$OUT/d/h" && rm "$OUT/d/b" && test -e "$OUT/d/h"',
    made: (out) => readdirSync(`${out}/d`).toSorted().join() === 'h,l',
    error: refused,
  },
]

const has = (program: string) =>
  spawnSync('sh', ['-c', `${program} --version`], { stdio: 'ignore' }).status === 0

describe.runIf(process.platform === 'linux')('programs that nobody changed', () => {
  let root: string
  beforeAll(() => {
    const built = buildLauncher()
    if (!built.ok) throw new Error(built.line)
    root = mkdtempSync('/var/tmp/gatehouse-programs-')
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  let places = 0
  async function run(work: Work, answer: (call: HeldCall, out: string) => HeldAnswer) {
    const base = `${root}/${++places}`
    const [ws, out, home] = [`${base}/ws`, `${base}/out`, `${base}/home`]
    for (const folder of [ws, out, `${home}/state`]) mkdirSync(folder, { recursive: true })
    work.prepare?.(ws, out)
    const sandbox = createSandbox({
      launcher: new URL('../../native-sandbox/out/launcher', import.meta.url).pathname,
      stateDir: `${home}/state/sandbox`,
      clock: systemClock,
    })
    const built = await sandbox.buildSpec({
      mode: 'workspace-write',
      folder: ws,
      extraWritableRoots: [],
      deniedReads: [],
      grant: noGrant,
      gatehouseHome: home,
    })
    let output = ''
    const held: HeldCall[] = []
    const started = await sandbox.start({
      spec: { ...built, hold: 'writes' },
      argv: ['bash', '-c', work.script],
      cwd: ws,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '/',
        LC_ALL: 'C',
        OUT: out,
        WS: ws,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.invalid',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.invalid',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      cols: 200,
      rows: 24,
      onData: (chunk) => {
        output += Buffer.from(chunk).toString('utf8')
      },
      onHeld: (call, tell) => {
        held.push(call)
        // What is not below $OUT is a cache or history of the program's own: refused, as the quiet list would.
        tell(
          call.path.startsWith(`${out}/`) || call.path === out
            ? answer(call, out)
            : { verdict: 'deny', remember: true },
        )
      },
    })
    expect(await started.up).toEqual({ holds: true, why: null })
    const exit = await started.exited
    return { ...exit, output, held, out }
  }

  const possible = works.map((work) => ({ ...work, missing: work.needs.filter((program) => !has(program)) }))
  describe.each(possible)('$name', (work) => {
    const skipped = work.missing.length > 0
    test.skipIf(skipped)('approved: it finishes in the same process', async () => {
      const { exitCode, output, held, out, startProblem } = await run(
        work,
        (call, folder) => work.answer?.(call) ?? { verdict: 'directory', path: folder },
      )
      expect(startProblem).toBeNull()
      expect(held.length, output).toBeGreaterThan(0)
      expect(exitCode, output).toBe(0)
      expect(work.made(out), output).toBe(true)
    })
    test.skipIf(skipped)('denied: it ends with its own error, and nothing was made', async () => {
      const { exitCode, output, out } = await run(work, () => ({ verdict: 'deny', remember: false }))
      expect(output).toMatch(work.error)
      expect(exitCode, output).not.toBe(0)
      expect(readdirSync(out)).toEqual([])
    })
  })
})
