/** `npm run test:root`: what only root can do: a Debian that boots, and containers. One after the other. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{booted,docker}/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    globalSetup: ['test/support/build-once.ts', 'test/booted/packages.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Longer than what a test waits for by itself, which says what it was: see test/support/poll.ts.
    testTimeout: 600_000,
    hookTimeout: 1_800_000,
    teardownTimeout: 60_000,
  },
});
