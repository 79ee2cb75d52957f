// The rooms of src, from the lowest up: a door opens downwards only. docs/architecture.md says what each is for.
const tiers = [
  ["Domain"],
  ["Config"],
  ["Logging"],
  ["Telemetry", "Response"],
  ["Database"],
  ["Tables"],
  ["Classification"],
  ["Access"],
  ["Follower"],
  ["Facts"],
  ["Lists"],
  ["Auth"],
  // The features: none knows of another.
  ["Analytics", "Bots", "Payments", "Subscriptions", "Summary", "System", "Users"],
  ["OpenApi"],
  ["Api"],
  ["Server"],
  ["Startup"],
  ["Http"],
  ["Command"],
  ["facts", "main", "migrate"]
]

const inRooms = (rooms) => `^src/(${rooms.join("|")})(/|\\.ts$)`
const TESTS = "\\.test\\.ts$"

module.exports = {
  forbidden: [
    ...tiers.slice(0, -1).map((rooms, tier) => ({
      name: `${rooms[0].toLowerCase()}-opens-downwards`,
      comment: `${rooms.join(", ")} may import only rooms that stand before it in .dependency-cruiser.cjs`,
      severity: "error",
      from: { path: inRooms(rooms), pathNot: TESTS },
      to: { path: inRooms(tiers.slice(tier + 1).flat()) }
    })),
    ...tiers.flatMap((rooms) =>
      rooms
        .filter(() => rooms.length > 1)
        .map((room) => ({
          name: `${room.toLowerCase()}-knows-no-neighbour`,
          comment: "Rooms of one tier know nothing of each other",
          severity: "error",
          from: { path: inRooms([room]), pathNot: TESTS },
          to: { path: inRooms(rooms.filter((other) => other !== room)) }
        }))
    ),
    {
      name: "every-room-has-its-tier",
      comment: "A new room is to be put into .dependency-cruiser.cjs",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: [inRooms(tiers.flat()), "^src/testing/", TESTS] }
    },
    {
      name: "tests-stay-apart",
      comment: "The product knows nothing of its tests and tools",
      severity: "error",
      from: { path: "^(src|migrations)/", pathNot: [TESTS, "^src/testing/"] },
      to: { path: `^src/testing/|^(tools|bench|faults)/|${TESTS}` }
    },
    {
      name: "migrations-from-above",
      comment: "Only who starts the service or migrates by command knows the migrations",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/(Startup/|migrate\\.ts$|testing/)", TESTS] },
      to: { path: "^migrations/" }
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    // vitest exports its part for node by types alone.
    { name: "nothing-unresolved", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^vitest/node$" } }
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    // Types are doors too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^bench/results" },
    enhancedResolveOptions: { extensions: [".ts", ".mts", ".mjs", ".js", ".json"] }
  }
}
