/** The next task: what comes in a turn of its own keeps no press of a key waiting for all of it. */
export const turn = (): Promise<void> => new Promise((ready) => setTimeout(ready));
