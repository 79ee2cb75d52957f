// Loaded before the service's own program: ends it when the demo has ended in whatever way, even by SIGKILL, since then the
// pipe that is our stdin closes. In order if it can, by force if not.
process.stdin.on("error", () => {})
process.stdin.on("close", () => {
  process.kill(process.pid, "SIGTERM")
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 15_000).unref()
})
process.stdin.resume()
process.stdin.unref()
