import { derivedFiles, write } from "./Documents.js"

for (const file of await derivedFiles()) await write(file)
