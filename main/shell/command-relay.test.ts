import { expect, test } from 'vitest'
import { Command } from '../../protocol/app.ts'
import { createFakeHost } from '../testing/fake-host.ts'
import { createCommandRelay } from './command-relay.ts'

const inbox: Command = { type: 'show', page: 'inbox' }
const settings: Command = { type: 'show', page: 'settings' }
const caller = { client: 'window-1', carrier: 'window' } as const

function given() {
  const host = createFakeHost()
  const relay = createCommandRelay(host.host.handlers, (command) => host.host.command(command))
  const heard: Command[] = []
  const listen = () =>
    relay.handlers['app/commands'](
      {},
      { change: (command) => heard.push(Command.parse(command)), reset: () => {}, end: () => {} },
      caller,
    ).stop
  return { relay, heard, listen }
}

test('a command reaches a page that listens at once', () => {
  const { relay, heard, listen } = given()
  listen()
  relay.send(inbox)
  expect(heard).toEqual([inbox])
})

test('without a page the last command waits for the next one, and is given once', () => {
  const { relay, heard, listen } = given()
  relay.send(inbox)
  relay.send(settings)
  expect(heard).toEqual([])
  listen()
  listen()
  expect(heard).toEqual([settings])
})

test('a page that stopped listening, even twice, counts no more', () => {
  const { relay, heard, listen } = given()
  const stop = listen()
  stop()
  stop()
  relay.send(inbox)
  expect(heard).toEqual([])
  listen()
  relay.send(settings)
  expect(heard).toEqual([inbox, settings])
})
