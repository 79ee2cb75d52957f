/** The same variables as the service reads. */
export interface Config {
  readonly databaseUrl: string
  readonly poolSize: number
  readonly secretKey: string
  readonly botToken: string
  readonly host: string
  readonly port: number
}

const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === "") throw new Error(`${name} is missing`)
  return value
}

export const readConfig = (): Config => ({
  databaseUrl: required("DATABASE_URL"),
  poolSize: Number(process.env.DATABASE_POOL_SIZE ?? 10),
  secretKey: required("SECRET_KEY"),
  botToken: required("BOT_TOKEN"),
  host: process.env.HOST ?? "0.0.0.0",
  port: Number(process.env.PORT ?? 8000)
})
