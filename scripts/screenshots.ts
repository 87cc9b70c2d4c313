/**
 * Makes the pictures in docs/img/: builds what is stale, starts the serve host, plays the demo in Chromium
 * and photographs each screen by day and by night. `npm run screenshots`; two minutes or so.
 */
import { existsSync, rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Browser, chromium, type Page, expect as withinSeconds } from '@playwright/test'
import { HostProcess, hostEnv, root } from '../e2e/support/host-process.ts'
import { type Homes, type Host, hostOf } from '../e2e/support/hosts.ts'
import { App, type Card } from '../e2e/support/pages.ts'

const pictures = path.join(root, 'docs/img')
const wide = { width: 1440, height: 900 }
const narrow = { width: 1100, height: 760 }

const expect = withinSeconds.configure({ timeout: 60_000 })

const someRules = `# What the team agreed on.
prefix_rule(
    pattern = ["gh", "pr", ["view", "list"]],
    decision = "allow",
    justification = "Reads pull requests",
    match = ["gh pr view 7"],
    not_match = ["gh pr merge 7"],
)
prefix_rule(pattern = ["git", "push"], decision = "prompt", justification = "Pushes need a look")
prefix_rule(pattern = ["sudo"], decision = "forbidden", justification = "Nothing here needs root")
`

/** Fast enough not to wait for, slow enough that the timeline shows times. */
process.env['GATEHOUSE_DEMO_PACE'] ??= '0.1'

const { build } = (await import('./prepare.mjs' as string)) as {
  build(options: { node: string }): Promise<void>
}
await build({ node: process.execPath })
await mkdir(pictures, { recursive: true })

const browser = await openBrowser()
const { homes, remove } = await makeHomes()
try {
  await photographDemo(browser, homes)
  await photographNoSandbox(browser, homes)
} finally {
  await browser.close()
  await remove()
}

/** Every screen of one session's life, in the order in which a person meets them. */
async function photographDemo(browser: Browser, homes: Homes): Promise<void> {
  const page = await openPage(browser)
  const host = hostOf('serve', async () => page, homes)
  try {
    await host.start()
    const ui = new App(page)
    await photographStart(ui)
    await photographQuestions(ui)
    await photographPlaces(ui, homes)
    await photographPast(ui)
    await photographLost(ui, host)
  } finally {
    await host.end('quit')
    await page.close()
  }
}

async function photographStart(ui: App): Promise<void> {
  const { page } = ui
  await expect(page.getByRole('button', { name: 'Run the demo' })).toBeVisible()
  await take(page, 'first-screen')
  await page.getByRole('button', { name: 'Run the demo' }).click()
  await expect(
    page.getByRole('region', { name: 'Sandbox check' }).getByText(/^All \d+ attempts were stopped/),
  ).toBeVisible()
  await take(page, 'open-folder', [wide, narrow])
  await page.getByRole('button', { name: 'Start in Auto' }).click()
}

/** The four questions of the demo, from the first to the empty inbox. */
async function photographQuestions(ui: App): Promise<void> {
  const { page } = ui
  const hook = ui.card('Write to a protected path')
  await expect(hook.button('Deny')).toBeEnabled()
  await expect(ui.diff.getByRole('heading', { name: 'src/backoff.mjs' })).toBeVisible()
  await page
    .getByRole('tab', { name: /^node --test/ })
    .first()
    .click()
  await take(page, 'session', [wide, narrow])
  await ui.go('Inbox')
  await expect(hook.button('Deny')).toBeEnabled()
  await take(page, 'inbox-critical', [wide, narrow])

  await hook.press('Deny and tell')
  await page.keyboard.type('Hooks run unseen. Use a script instead.')
  await take(page, 'deny-and-tell')
  await page.keyboard.press('Enter')

  const reach = await ui.choose(/check-advisories.*waits/, 'Reach a network host')
  await expect(reach.button('Allow once')).toBeEnabled()
  await take(page, 'inbox-network', [wide, narrow])
  await reach.press('Edit')
  await take(page, 'edit-command')
  await page.keyboard.press('Escape')
  await photographRehearsal(ui, reach)
  await photographScope(ui)

  const outside = await ui.choose(/retry-lab\.txt.*waits/, 'Write outside the workspace')
  await expect(outside.button('Allow once')).toBeEnabled()
  await take(page, 'held-card', [wide, narrow])
  await outside.press('Allow once')
  await (await ui.choose(/git commit.*waits/, 'Write to a protected path')).press('Deny')
  await ui.openLive('retry-lab')
  await expect(ui.conversation.getByText(/^“?Done\. The change is in/)).toBeVisible()
  await take(page, 'session-done')
  await photographProof(ui)
  await ui.go('Inbox')
  // Answers stay in the list for a minute.
  await expect(page.getByText('Nobody is waiting on you.')).toBeVisible({ timeout: 120_000 })
  await take(page, 'inbox-empty')
}

/** The question about the network is tried without one; the question goes on waiting. */
async function photographRehearsal(ui: App, card: Card): Promise<void> {
  await card.press('Rehearse')
  await expect(card.rehearsal.getByText(/^wanted .+; stopped$/)).toBeVisible()
  await take(ui.page, 'rehearsal', [wide, narrow])
  await card.rehearsal.getByRole('button', { name: 'Discard' }).click()
  await expect(card.rehearsal).toBeHidden()
}

/** What was tried against the boundary of the session, and what came of it. */
async function photographProof(ui: App): Promise<void> {
  const { page } = ui
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Sandbox verified/ })
    .click()
  const panel = page.getByRole('dialog', { name: 'The sandbox of this session' })
  await expect(panel.getByRole('table')).toBeVisible()
  await take(page, 'sandbox', [wide, narrow])
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
}

/** The question about the network becomes a rule. */
async function photographScope(ui: App): Promise<void> {
  const { page } = ui
  await ui.card('Reach a network host').press('Allow in this workspace')
  const editor = page.getByRole('dialog', { name: 'Edit scope, then answer' })
  const last = editor
    .getByRole('tablist', { name: 'Tokens of the command' })
    .getByRole('tab', { name: /http/ })
  await last.click()
  await editor.getByRole('radio', { name: 'Anything' }).check({ force: true })
  await expect(editor.getByRole('region', { name: 'What this rule would have answered' })).toBeVisible()
  await take(page, 'scope-editor', [wide, narrow])
  await editor.getByRole('button', { name: /^Save rule and allow this one/ }).click()
  await expect(editor).toBeHidden()
}

/** Rules, the tester, what an agent can do, and what an administrator took away. */
async function photographPolicy(ui: App, { userHome, home }: Homes): Promise<void> {
  const { page } = ui
  const dialog = page.getByRole('dialog')
  await ui.openLive('retry-lab')
  await page.getByRole('button', { name: 'What can it do?' }).click()
  await expect(dialog.getByRole('table')).toBeVisible()
  await take(page, 'abilities', [wide, narrow])
  await page.keyboard.press('Escape')

  await writeFile(path.join(home, 'config.toml'), 'sandbox_mode = "danger-full-access"\n')
  await mkdir(path.join(userHome, 'requirements'))
  await writeFile(
    path.join(userHome, 'requirements/requirements.toml'),
    'allowed_sandbox_modes = ["read-only", "workspace-write"]\n',
  )
  await page.keyboard.press('Control+l')
  await expect(dialog.getByText(/requirements\.toml/).first()).toBeVisible()
  await take(page, 'preset-locked')
  await page.keyboard.press('Escape')
  await ui.go('Settings')
  await expect(page.getByText(/requirements\.toml/).first()).toBeVisible()
  await take(page, 'settings-permissions', [wide, narrow])

  await ui.go('Rules')
  const tester = page.getByRole('region', { name: 'Would this be allowed?' })
  await tester.getByRole('textbox', { name: /^Command/ }).fill('npm test && git push origin main > push.log')
  await page.keyboard.press('Enter')
  await expect(tester.getByRole('region', { name: 'Answer' })).toBeVisible()
  await take(page, 'rules', [wide, narrow])
}

/** What lies beside the main job, with a second session that waits. */
async function photographPlaces(ui: App, homes: Homes): Promise<void> {
  const { page } = ui
  await ui.openLive('retry-lab')
  await page.getByRole('button', { name: 'End session' }).click()
  await page.getByRole('button', { name: 'End it now' }).click()
  await expect(ui.rail.getByText('None.')).toBeVisible()
  await ui.go('Open folder')
  await page.getByRole('button', { name: 'Make a demo folder' }).click()
  await page.getByRole('button', { name: 'Start in Auto' }).click()
  await expect(ui.card('Write to a protected path').button('Deny')).toBeEnabled()

  await page.keyboard.press('Control+l')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: /^Full access/ }).check()
  await dialog.getByRole('textbox', { name: /^Type the folder/ }).fill('retry-lab')
  await dialog.getByRole('textbox', { name: 'Why' }).fill('Profiling needs perf, which the sandbox stops')
  await take(page, 'preset')
  await page.keyboard.press('Escape')
  await photographPolicy(ui, homes)
  await page.keyboard.press('Control+k')
  await expect(dialog).toBeVisible()
  await take(page, 'palette')
  await page.keyboard.press('Escape')
  await ui.go('Settings')
  await page.getByRole('tab', { name: 'App' }).click()
  await take(page, 'settings')
  await ui.go('Sessions')
  await take(page, 'sessions')
}

async function photographPast(ui: App): Promise<void> {
  const { page } = ui
  await page
    .getByRole('row', { name: /retry-lab/ })
    .last()
    .click()
  await page.keyboard.press('Enter')
  await page.getByRole('tab', { name: /^Decisions/ }).click()
  await expect(page.getByRole('region', { name: 'Receipt' })).toBeVisible()
  await take(page, 'past-session', [wide, narrow])
}

async function photographLost(ui: App, host: Host): Promise<void> {
  await ui.go('Inbox')
  await expect(ui.card('Write to a protected path').button('Deny')).toBeEnabled()
  await host.end('kill')
  await expect(ui.page.getByText('Host not reached for')).toBeVisible()
  await take(ui.page, 'host-not-reached')
}

/** A copy of the app whose launcher was not built: nothing may run without a boundary. */
async function photographNoSandbox(browser: Browser, { userHome, home }: Homes): Promise<void> {
  const app = path.join(userHome, 'gatehouse')
  await mkdir(app)
  for (const part of ['package.json', 'out/main', 'out/renderer'])
    await cp(path.join(root, part), path.join(app, part), { recursive: true })
  await symlink(path.join(root, 'node_modules'), path.join(app, 'node_modules'))
  const page = await openPage(browser)
  // Last, so that nothing it says is missed before somebody listens.
  const host = new HostProcess([path.join(app, 'out/main/serve.js')], hostEnv(userHome, home), false)
  try {
    const url = await host.until<string>((resolve) => {
      host.child.stdout?.on('data', () => {
        const found = /http:\/\/\S+(?=\s)/.exec(host.output)
        if (found) resolve(found[0])
      })
    })
    await page.goto(url)
    const ui = new App(page)
    await ui.go('Open folder')
    await page.getByRole('button', { name: 'Make a demo folder' }).click()
    await expect(page.getByText('The session does not start without a boundary.')).toBeVisible()
    await take(page, 'no-sandbox')
  } finally {
    await host.end('quit')
    await page.close()
  }
}

type Size = { readonly width: number; readonly height: number }

/** `name-day.png` and `name-night.png`; other sizes than the wide one carry their width. */
async function take(page: Page, name: string, sizes: readonly Size[] = [wide]): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size)
    for (const [colorScheme, theme] of [
      ['light', 'day'],
      ['dark', 'night'],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      // Two frames for the theme, and the terminal draws a little later.
      await page.waitForTimeout(250)
      const suffix = size === wide ? '' : `-${size.width}`
      await page.screenshot({ path: path.join(pictures, `${name}-${theme}${suffix}.png`), caret: 'initial' })
    }
  }
  await page.setViewportSize(wide)
  process.stdout.write(`${name}\n`)
}

async function openBrowser(): Promise<Browser> {
  const known = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome']
  const executablePath = known.find((file) => file !== undefined && existsSync(file))
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    // Chromium's own sandbox does not start as root. The page is ours.
    chromiumSandbox: false,
    args: ['--disable-dev-shm-usage'],
  })
}

async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({
    viewport: wide,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  })
  page.setDefaultTimeout(30_000)
  return page
}

/** A home whose paths tell nothing of this machine, where one can be made; otherwise one in `out/`. */
async function makeHomes(): Promise<{ homes: Homes; remove(): Promise<void> }> {
  const wanted = '/home/dana'
  const userHome = await mkdir(wanted)
    .then(() => wanted)
    .catch(async () => {
      await mkdir(path.join(root, 'out/homes'), { recursive: true })
      return mkdtemp(path.join(root, 'out/homes/dana-'))
    })
  const home = path.join(userHome, '.gatehouse')
  await mkdir(path.join(home, 'rules'), { recursive: true, mode: 0o700 })
  await writeFile(path.join(home, 'rules/default.rules'), someRules)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      rmSync(userHome, { recursive: true, force: true })
      process.exit(1)
    })
  return {
    homes: { userHome, home },
    remove: () => rm(userHome, { recursive: true, force: true, maxRetries: 5 }),
  }
}
