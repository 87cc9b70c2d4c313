import { expect, test } from 'vitest'
import { decode } from '../../testing/decoder.ts'
import { proposedPrefix } from './fixed-prefix.ts'

// prettier-ignore
test.each([
  ['ls -la src', 'ls'],
  ['touch a', 'touch'],
  ['jq . f', 'jq'],
  ['git push origin main', 'git push'],
  ['git -C x status', 'git -C x status'],
  ['git remote -v', 'git remote -v'],
  ['git remote add a b', 'git remote add'],
  ['cargo build --release', 'cargo build'],
  ['cargo', 'cargo'],
  ['pip install x', 'pip install'],
  ['npm install x', 'npm install'],
  ['npm run build -- --x', 'npm run build'],
  ['npm run', 'npm run'],
  ['docker compose up -d', 'docker compose up'],
  ['docker run -it img', 'docker run -it img'],
  ['kubectl get pods -n a', 'kubectl get pods'],
  ['gh pr list', 'gh pr list'],
  ['python3 f.py a', 'python3 f.py a'],
  ['node -e 1', 'node -e 1'],
  ['rm x y', 'rm x y'],
  ['sudo ls', 'sudo ls'],
  ['env A=b make', 'env A=b make'],
  ['bash f.sh', 'bash f.sh'],
  ['curl http://x', 'curl http://x'],
  ['rm a $b c', 'rm a'],
  ['make test', 'make test'],
  ['$X y', ''],
  ['x=1', 'x=1'],
])('%j is the kind %j', (script, expected) => {
  const [part] = decode(['bash', '-c', script]).parts
  expect(part && proposedPrefix(part).join(' ')).toBe(expected)
})

test('a prefix never holds more than the command has', () => {
  for (const argv of [['npm'], ['git'], ['gh', 'pr'], ['rm'], ['npm', 'run']]) {
    const [part] = decode(argv).parts
    expect(part && proposedPrefix(part)).toEqual(argv)
  }
})
