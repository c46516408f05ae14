/** `npm run test:root`: what only root can do: a Debian that boots, and containers. One after the other. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{booted,docker}/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    globalSetup: 'test/support/build-once.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 180_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
  },
});
