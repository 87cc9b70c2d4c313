import type { BrowserContext } from '@playwright/test'

/** Everything a page complains about. A test in which there is any fails, unless it said that it expects it. */
export class Problems {
  readonly #seen: string[] = []
  readonly #expected: RegExp[] = []

  /** Call it before a page goes anywhere. */
  async watch(context: BrowserContext): Promise<void> {
    context.on('console', (message) => {
      if (message.type() === 'error')
        this.#seen.push(`console: ${message.text()} (${message.location().url})`)
    })
    context.on('weberror', (problem) => {
      const error = problem.error()
      this.#seen.push(`uncaught: ${error.stack ?? error.message}`)
    })
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(
          `content policy: ${event.violatedDirective} refused ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`,
        )
      })
    })
  }

  /** From here to the end of the test this is no surprise. */
  expect(problem: RegExp): void {
    this.#expected.push(problem)
  }

  get unexpected(): readonly string[] {
    return this.#seen.filter((text) => !this.#expected.some((expected) => expected.test(text)))
  }
}
