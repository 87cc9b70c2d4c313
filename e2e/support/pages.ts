import { expect, type Locator, type Page } from '@playwright/test'

/** The app on screen, by role and label: what a person would look for. */
export class App {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  get rail(): Locator {
    return this.page.getByRole('navigation', { name: 'Pages and live sessions' })
  }
  async go(to: 'Inbox' | 'Sessions' | 'Rules' | 'Settings' | 'Open folder'): Promise<void> {
    await this.rail.getByRole('button', { name: new RegExp(`^${to}`) }).click()
  }

  /** From the first screen to a running demo; answers its folder. */
  async startDemo(): Promise<string> {
    await this.page.getByRole('button', { name: 'Run the demo' }).click()
    const check = this.page.getByRole('region', { name: 'Sandbox check' })
    await expect(check.getByText(/^All \d+ attempts were stopped/)).toBeVisible()
    const folder = (await this.page.getByRole('main').getByRole('heading', { level: 2 }).innerText()).trim()
    await this.page.getByRole('button', { name: 'Start in Auto' }).click()
    await expect(this.page.getByRole('region', { name: 'Timeline' })).toBeVisible()
    return folder
  }

  /** Opens a live session from the rail. */
  async openLive(name: string): Promise<void> {
    await this.rail
      .getByRole('list', { name: 'Live sessions' })
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click()
  }

  /** Chooses a waiting request in the inbox: what arrives never takes the place of what is shown. */
  async choose(subject: string | RegExp, headline: string): Promise<Card> {
    const row = this.page.getByRole('grid', { name: 'Requests' }).getByRole('row', { name: subject })
    // With the list in hand, what arrives may wait behind a button.
    const arrived = this.page.getByRole('button', { name: /new: show$/ })
    await row.or(arrived).first().waitFor({ timeout: 60_000 })
    if (!(await row.isVisible())) await arrived.click({ timeout: 3000 }).catch(() => {})
    await row.click()
    const card = this.card(headline)
    await expect(card.root).toBeVisible()
    return card
  }
  card(headline: string): Card {
    return new Card(this.page, this.page.getByRole('article', { name: headline }))
  }
  timelineLine(text: string | RegExp): Locator {
    return this.page.getByRole('listbox', { name: 'Timeline' }).getByRole('option', { name: text })
  }
  get conversation(): Locator {
    return this.page.getByRole('group', { name: 'Conversation' })
  }
  get diff(): Locator {
    return this.page.getByRole('region', { name: 'Diff' })
  }
}

/** One approval card, wherever it stands. */
export class Card {
  readonly root: Locator
  readonly #page: Page
  constructor(page: Page, root: Locator) {
    this.#page = page
    this.root = root
  }

  slot(name: string): Locator {
    return this.root.getByRole('definition').and(this.root.locator(`dt:has-text("${name}") + dd`))
  }
  get rehearsal(): Locator {
    return this.root.getByRole('region', { name: 'Rehearsal' })
  }
  button(name: string): Locator {
    return this.root.getByRole('button', { name, exact: true })
  }
  /** Waits until the card takes answers, then clicks. */
  async press(name: string): Promise<void> {
    // A fresh card ignores answers for a moment; "Deny" opens when it listens.
    await expect(this.button('Deny')).toBeEnabled()
    await expect(this.button(name)).toBeEnabled()
    await this.button(name).click()
  }
  async more(item: string): Promise<void> {
    await this.press('More')
    await this.#page.getByRole('menuitem', { name: new RegExp(`^${item}`) }).click()
  }
}
