import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ActionResult, Agent } from '../agent.ts'
import { createScriptedAgent, type Stage } from '../scripted-agent.ts'
import { cappedBackoff } from './demo-project.ts'

const denied = (result: ActionResult): boolean => result.status === 'refused'
const ok = (result: ActionResult): boolean => result.status === 'ran' && result.exitCode === 0
const because = (result: ActionResult): string =>
  result.status === 'refused' && result.note ? ` You said: ${result.note}` : ''

const hook = `#!/bin/sh
exec node --test
`

/**
 * The demo: scripted words, real commands in the real sandbox. It reads, edits, runs tests, wants a hook that
 * runs later, wants a host, wants to write outside, wants to commit; and takes another way whenever it is told no.
 *
 * @param pace 1: about two minutes with quick answers
 */
export function createDemoAgent(pace: number): Agent {
  let server: Server | null = null
  let turns = 0

  async function advisoryUrl(): Promise<string> {
    if (!server) {
      server = createServer((_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end('{ "asOf": "today", "advisories": [] }')
      })
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
      server.unref()
    }
    return `http://localhost:${(server.address() as AddressInfo).port}/advisories.json`
  }

  async function play(stage: Stage): Promise<void> {
    turns += 1
    if (turns > 1) return again(stage)

    await stage.think('The waits have no upper limit. First I look at the code and see the tests fail.')
    await stage.say('I start with the README and the code.')
    await stage.run('ls -la && cat README.md', 'I list the files and read the README.')
    await stage.run('cat src/backoff.mjs', 'I read the function in question.')
    await stage.say('Now the tests, before I change anything.')
    await stage.run('node --test', 'I run the tests.')

    await stage.say(
      'backoff() doubles without a limit, so try 12 waits almost seven minutes. I cap it at half a minute.',
    )
    await stage.edit('src/backoff.mjs', cappedBackoff, 'I cap the wait at 30 seconds.')
    const tests = await stage.run('node --test', 'I run the tests again.')
    if (!ok(tests)) {
      await stage.say('The tests could not be run with what I may do here, so I stop at the change itself.')
      return
    }
    await stage.run(
      "printf -- '- 1.2.1: a wait never exceeds half a minute\\n' >> CHANGELOG.md",
      'I note the change.',
    )

    await wantsHook(stage)
    await wantsHost(stage)
    await wantsOutside(stage)
    await wantsCommit(stage)
    await stage.say(
      'Done. The change is in src/backoff.mjs; the rest stands in the timeline, with who allowed what.',
    )
  }

  async function wantsHook(stage: Stage): Promise<void> {
    await stage.say('To keep this from coming back I would like the tests to run before every commit.')
    const result = await stage.edit(
      '.git/hooks/pre-commit',
      hook,
      'I only add a small hook that runs the tests.',
    )
    if (!denied(result)) return
    await stage.say(
      `No hook, then.${because(result)} I add a script to package.json instead: it runs only when somebody asks for it.`,
    )
    await stage.run(
      `node -e "const fs=require('fs'),p=JSON.parse(fs.readFileSync('package.json'));p.scripts.check='node --test';fs.writeFileSync('package.json',JSON.stringify(p,null,2)+'\\n')"`,
      'I add a check script.',
    )
  }

  async function wantsHost(stage: Stage): Promise<void> {
    const url = await advisoryUrl()
    await stage.say('Next: are there known advisories? The list is on a server.')
    const result = await stage.run(
      `node tools/check-advisories.mjs ${url}`,
      'I fetch the list of advisories.',
    )
    if (ok(result)) return
    await stage.say(
      `The server is out of reach.${because(result)} The repository has a copy of the list; I use that one.`,
    )
    await stage.run(
      'node tools/check-advisories.mjs vendor/advisories.json',
      'I use the copy in the repository.',
    )
  }

  async function wantsOutside(stage: Stage): Promise<void> {
    await stage.say('The README asks for a report in ../reports.')
    await stage.run(
      'mkdir -p build && { echo "retry-lab: waits are capped at 30 s"; git diff --stat; } > build/report.txt',
      'I write the report inside the workspace first.',
    )
    const result = await stage.run(
      'cp build/report.txt ../reports/retry-lab.txt',
      'I copy the report to the shared folder.',
    )
    if (ok(result)) return
    await stage.say(`The report stays here, then.${because(result)} It is in build/report.txt.`)
  }

  async function wantsCommit(stage: Stage): Promise<void> {
    await stage.say('The tests pass, so I commit.')
    const result = await stage.run(
      'git commit -qam "Cap waits at half a minute" && git log --oneline -1',
      'I commit the change.',
    )
    if (ok(result)) return
    await stage.say(`I leave the commit to you.${because(result)} This is what it would hold:`)
    await stage.run('git diff --stat', 'I show what a commit would hold.')
  }

  async function again(stage: Stage): Promise<void> {
    await stage.say(
      'This agent plays one script, so it cannot follow a new task. Here is how the folder stands:',
    )
    await stage.run('git status --short', 'I show the state of the folder.')
    await stage.say('For a real model, start a session with the house agent.')
  }

  return createScriptedAgent('Demo', play, pace, async () => {
    server?.close()
    server = null
  })
}

export const demoPrompt =
  'The retry waits grow without a limit. Cap them at half a minute, run the tests, and commit.'
