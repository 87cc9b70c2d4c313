import { renameSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { violations } from './support/axe.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

const panelOf = (page: Page) => page.getByRole('dialog', { name: 'The sandbox of this session' })
const chipOf = (page: Page) => page.getByRole('main').getByRole('button', { name: /^(Sandbox|Frozen)/ })

test('the proof of a boundary', async ({ app }) => {
  const ui = new App(app)
  const folder = await ui.startDemo()

  await test.step('is on the session, says what was tried, and can be had again with the keyboard alone', async () => {
    const chip = chipOf(app)
    await expect(chip).toHaveText(/^Sandbox verified \d+ s ago$/)
    await chip.focus()
    await app.keyboard.press('Enter')
    const panel = panelOf(app)
    await expect(panel.getByText(/^Verified \d+ s ago$/)).toBeVisible()
    const attempts = panel.getByRole('table')
    for (const tried of [
      'write outside the workspace',
      'write to a protected path',
      'reach a socket of the host',
    ])
      await expect(attempts.getByRole('row', { name: new RegExp(tried) }).first()).toContainText('stopped')
    await expect(attempts.getByText('NOT stopped')).toHaveCount(0)
    await expect(panel.getByText(/^writes: /)).toBeVisible()
    await expect(panel.getByText('No file here has a second name outside.')).toBeVisible()
    expect(await violations(app)).toEqual([])

    await panel.getByRole('button', { name: 'Check again' }).focus()
    await app.keyboard.press('Enter')
    await expect(panel.getByRole('status')).toHaveText('Checked: everything was stopped.')
    await app.keyboard.press('Escape')
    await expect(panel).toBeHidden()
    await expect(chip).toBeFocused()
  })

  await test.step('gone, the session is frozen until a check of the person holds', async () => {
    await ui.go('Inbox')
    await expect(ui.card('Write to a protected path').root).toBeVisible()
    await ui.openLive('retry-lab')
    await chipOf(app).click()
    const panel = panelOf(app)
    const check = panel.getByRole('button', { name: 'Check again' })

    // Without its folder there is no boundary that could be tried.
    renameSync(folder, `${folder}-away`)
    await check.click()
    await expect(panel.getByText('Not verified: the last check proved nothing.')).toBeVisible()
    await check.click()
    await expect(panel.getByText('Frozen: twice in a row nothing could be proved.')).toBeVisible()
    expect(await violations(app)).toEqual([])
    await app.keyboard.press('Escape')
    await expect(app.getByRole('region', { name: /^Frozen/ })).toContainText('its sandbox is not verified')
    await expect(chipOf(app)).toHaveText('Frozen: not verified')
    // What waited was withdrawn, and nothing can be sent.
    await ui.go('Inbox')
    await expect(app.getByRole('grid', { name: 'Requests' }).getByText(/waits/)).toHaveCount(0)
    await ui.openLive('retry-lab')
    const box = app.getByRole('textbox', { name: /^Message/ })
    await box.fill('go on')
    await box.press('Enter')
    await expect(app.getByText(/This session is frozen\. Check its sandbox again first\./)).toBeVisible()

    renameSync(`${folder}-away`, folder)
    await app.getByRole('button', { name: 'Look and check again' }).click()
    await check.click()
    await expect(panel.getByText(/^Verified \d+ s ago$/)).toBeVisible()
    await app.keyboard.press('Escape')
    await expect(app.getByRole('region', { name: /^Frozen/ })).toHaveCount(0)
    await expect(chipOf(app)).toHaveText(/^Sandbox verified/)
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('every state of the panel can be read, large and small', async ({ app }) => {
      await app.goto(`${app.url().split('#')[0]}?catalogue`)
      await new App(app).openLive('billing-api')
      for (const state of ['verified', 'open', 'unproven'] as const) {
        await app.evaluate(show, state)
        await chipOf(app).click()
        await expect(panelOf(app).getByText('3 files here have a second name outside')).toBeVisible()
        expect(await violations(app), state).toEqual([])
        for (const width of [1440, 1100, 720]) {
          await app.setViewportSize({ width, height: width === 1440 ? 900 : 760 })
          const over = await app.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          expect(over, `${state} at ${width}`).toBeLessThanOrEqual(0)
          const picture = process.env['GATEHOUSE_PICTURES']
          if (picture)
            await app.screenshot({ path: `${picture}/sandbox-${state}-${colorScheme}-${width}.png` })
        }
        await app.keyboard.press('Escape')
      }
    })
  })
}

/** Runs on the catalogue page: gives a session another proof. */
function show(state: 'verified' | 'open' | 'unproven'): void {
  const { catalogue } = window as unknown as {
    catalogue: { patchSession(id: string, change: unknown): void }
  }
  const held = {
    kind: 'write',
    target: 'a new file in /home/dana/src',
    blocked: true,
    control: 'worked',
    detail: 'Read-only file system',
  }
  const read = { kind: 'read', target: '/home/dana/.ssh/id_ed25519', blocked: false }
  const open = { ...read, made: true, detail: 'It went through.' }
  const notMade = { ...read, made: false, detail: 'The attempt was not made: it gave no answer.' }
  const atMs = Date.now()
  const states = {
    verified: null,
    open: {
      state: 'frozen',
      why: 'open',
      target: open.target,
      detail: open.detail,
      probes: [held, open],
      atMs,
    },
    unproven: { state: 'unproven', detail: notMade.detail, probes: [held, notMade], atMs },
  }
  const sandbox = states[state]
  if (sandbox) catalogue.patchSession('billing-api', { sandbox })
}
