import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts", "migrations/**/*.test.ts"],
    globalSetup: "src/testing/globalSetup.ts",
    setupFiles: "src/testing/setup.ts",
    // Processes that tests start read no developer's file of variables.
    env: { ENV_FILE: "" },
    // Every file has a database of its own on one server; two files at a time is what a small machine bears.
    maxWorkers: 2,
    minWorkers: 1,
    // Loading the modules anew for each file took longer than the tests.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // `npm run coverage`: what of the product the tests run.
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "migrations/**/*.ts"],
      exclude: ["src/testing/**", "**/*.test.ts"],
      reporter: ["text", "html"]
    }
  }
})
