import { readFile, writeFile } from "node:fs/promises"
import * as OpenApi from "@effect/platform/OpenApi"
import openapiTS, { astToString } from "openapi-typescript"
import { Api } from "../../src/Api.js"

/**
 * The files that are derived from the Api and kept in the repository, so that a change of the API shows in a diff: the
 * OpenAPI document, and the types that a front end would generate from it.
 */
export interface DerivedFile {
  readonly path: URL
  readonly content: string
}

export const derivedFiles = async (): Promise<ReadonlyArray<DerivedFile>> => {
  const document = JSON.stringify(OpenApi.fromApi(Api), null, 2)
  const types = astToString(await openapiTS(document, { alphabetize: true }))
  return [
    { path: new URL("../../openapi.json", import.meta.url), content: `${document}\n` },
    {
      path: new URL("../../src/testing/GeneratedApi.ts", import.meta.url),
      content: `// Generated from openapi.json by \`npm run openapi\`: do not edit.\n${types}`
    }
  ]
}

export const isCurrent = async ({ content, path }: DerivedFile): Promise<boolean> =>
  (await readFile(path, "utf8").catch(() => "")) === content

export const write = async ({ content, path }: DerivedFile): Promise<void> => writeFile(path, content)
