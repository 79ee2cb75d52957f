import { defineConfig } from "vitest/config"

/** Faults are done to real processes, one after the other: each file has a database server of its own. */
export default defineConfig({
  test: {
    include: ["faults/**/*.fault.ts"],
    globalSetup: "faults/support/globalSetup.ts",
    // Processes that tests start read no developer's file of variables.
    env: { ENV_FILE: "" },
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000
  }
})
