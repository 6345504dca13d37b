import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@plotline/source'] },
  ssr: { resolve: { conditions: ['@plotline/source'] } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make the ones that start processes wait for each other.
    maxWorkers: 2,
  },
})
