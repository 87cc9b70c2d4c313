import { readFileSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const here = import.meta.dirname
const builtins = [...builtinModules, /^node:/]
const native = ['electron', 'node-pty', '@parcel/watcher']

/** The bash grammar and its reader, which the host loads beside its own bundle. */
const shellGrammar: Plugin = {
  name: 'shell-grammar',
  applyToEnvironment: ({ name }) => name === 'main',
  generateBundle() {
    const { resolve } = createRequire(import.meta.url)
    for (const file of ['web-tree-sitter/web-tree-sitter.wasm', 'tree-sitter-bash/tree-sitter-bash.wasm'])
      this.emitFile({ type: 'asset', fileName: path.basename(file), source: readFileSync(resolve(file)) })
  },
}

// One config, three environments: `vite build --app` builds renderer, main (ESM) and preload (CJS).
export default defineConfig({
  root: path.join(here, 'renderer'),
  base: './',
  plugins: [react(), shellGrammar],
  builder: {},
  environments: {
    client: {
      build: {
        outDir: path.join(here, 'out/renderer'),
        emptyOutDir: true,
        target: 'chrome150',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        sourcemap: true,
      },
    },
    main: {
      consumer: 'server',
      resolve: {
        noExternal: true,
        external: native,
        conditions: ['node', 'import', 'module', 'default'],
      },
      build: {
        outDir: path.join(here, 'out/main'),
        emptyOutDir: true,
        target: 'node24',
        minify: false,
        sourcemap: true,
        ssr: true,
        rolldownOptions: {
          input: {
            electron: path.join(here, 'main/shell/main.ts'),
            serve: path.join(here, 'main/serve/main.ts'),
          },
          external: [...native, ...builtins],
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true, external: ['electron'] },
      build: {
        outDir: path.join(here, 'out/preload'),
        emptyOutDir: true,
        target: 'chrome150',
        minify: false,
        sourcemap: false,
        ssr: true,
        rolldownOptions: {
          input: { index: path.join(here, 'preload/preload.ts') },
          external: ['electron'],
          output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
        },
      },
    },
  },
})
