/** The next task: what comes in a turn of its own keeps no press of a key waiting for all of it. */
export const turn = (): Promise<void> => new Promise((ready) => setTimeout(ready));

/** Frames do not come in a tab that is out of sight. */
const UNSEEN = 100;

/** The task after the next frame: what was made until now is on the screen, and is laid out without what comes. */
export const painted = (): Promise<void> =>
  new Promise((ready) => {
    setTimeout(ready, UNSEEN);
    requestAnimationFrame(() => setTimeout(ready));
  });
