import { createTables } from "../src/Facts/Store/Tables.js"

/** How far the audit of the figures that are kept is, and what it has found. */
export default createTables
