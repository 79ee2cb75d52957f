import { setTimeout as sleep } from "node:timers/promises"

/** Does so much a second for so long, whether what began before has ended or not: who waits makes nobody else come later. */
export const paced = async (
  perSecond: number,
  seconds: number,
  work: (turn: number) => Promise<void>
): Promise<void> => {
  const turns = Array.from({ length: Math.round(perSecond * seconds) }, async (_, turn) => {
    await sleep((turn * 1000) / perSecond)
    await work(turn)
  })
  await Promise.all(turns)
}
