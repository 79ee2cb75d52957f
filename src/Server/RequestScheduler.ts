import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import type * as Scheduler from "effect/Scheduler"

/**
 * Runs the fibers that can go on, in the order in which they came to it: at once after the event that let them, and what
 * they let go on themselves, or what yields, in the next turn of the event loop.
 *
 * Effect's own scheduler has a queue for each fiber, in a WeakMap. Where each request is a fiber that waits for the database
 * once or twice, these queues cost more than all its steps: V8 looks at the entries of a WeakMap in every quick garbage
 * collection, and keeps garbage that way.
 */
export class RequestScheduler implements Scheduler.Scheduler {
  private waiting: Array<Scheduler.Task> = []
  private isRunning = false

  private readonly run = (): void => {
    const tasks = this.waiting
    this.waiting = []
    this.isRunning = true
    for (const task of tasks) task()
    this.isRunning = false
  }

  /** As Effect's own: a fiber that goes on for long lets others have their turn. */
  shouldYield(fiber: Fiber.RuntimeFiber<unknown, unknown>): number | false {
    return fiber.currentOpCount > fiber.getFiberRef(FiberRef.currentMaxOpsBeforeYield) ? 0 : false
  }

  scheduleTask(task: Scheduler.Task): void {
    if (this.waiting.push(task) > 1) return
    if (this.isRunning) setImmediate(this.run)
    else queueMicrotask(this.run)
  }
}
