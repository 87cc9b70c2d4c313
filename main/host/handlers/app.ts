import { SecretName } from '../../../protocol/app.ts'
import type { HostHandlers } from '../../../protocol/contract.ts'
import type { HostContext } from '../host-context.ts'

type Topic = Extract<keyof HostHandlers, `app/${string}` | `secrets/${string}`>

export function appHandlers(context: HostContext): Pick<HostHandlers, Topic> {
  const { surface, preferences, sandbox, commands, focus } = context
  return {
    'app/info': async () => {
      const { settings } = await context.policy.effective(null, {})
      const found = await sandbox.detect(settings.boundary)
      return {
        version: context.version,
        home: context.home,
        platform: process.platform,
        surroundings: surface.kind,
        picksFolders: surface.picksFolders,
        secretsKeptIn: surface.secrets.keptIn,
        sandbox:
          'problem' in found
            ? { state: 'unavailable', problem: found.problem }
            : { state: 'available', backend: found.backend, version: found.version },
      }
    },
    'app/watchPreferences': (_params, sink) => ({
      snapshot: preferences.value,
      stop: preferences.onChange((value) => sink.change(value)),
    }),
    'app/setPreferences': (change) => {
      // exactOptionalPropertyTypes: a field that is there and undefined means "not changed".
      const given = Object.fromEntries(Object.entries(change).filter(([, v]) => v !== undefined))
      return preferences.set(given)
    },
    'app/problems': () => ({
      problems: [preferences.problem, context.folders.problem].filter((p) => p !== null),
    }),
    'app/commands': (_params, sink) => {
      const listener = sink.change
      commands.add(listener)
      return { snapshot: {}, stop: () => void commands.delete(listener) }
    },
    'app/focus': ({ sessionId }) => {
      focus.set(sessionId)
      return {}
    },
    'app/pickFolder': async () => ({ path: await surface.pickFolder() }),
    'app/openLink': async ({ url }) => ({ status: (await surface.openLink(url)) ? 'opened' : 'refused' }),
    'secrets/list': async () =>
      Promise.all(
        SecretName.options.map(async (name) => ({
          name,
          stored: (await surface.secrets.get(name)) !== null,
        })),
      ),
    'secrets/set': async ({ name, value }) => {
      try {
        await surface.secrets.set(name, value.trim())
        return { status: 'stored', why: null }
      } catch (error) {
        return { status: 'refused', why: error instanceof Error ? error.message : String(error) }
      }
    },
    'secrets/remove': async ({ name }) => {
      await surface.secrets.remove(name)
      return {}
    },
  }
}
