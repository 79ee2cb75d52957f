/** In a checkout npm runs the operators' commands. The image has their files alone, and they are run from outside of it. */
const isInImage = process.env.IN_IMAGE !== undefined

/** What an operator types where this process runs, as in `npm run facts -- status`. */
export const commandLine = (command: "migrate" | "facts", argument = ""): string =>
  isInImage
    ? `docker compose exec api node dist/${command}.mjs ${argument}`.trimEnd()
    : `npm run ${command}${argument === "" ? "" : ` -- ${argument}`}`
