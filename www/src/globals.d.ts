/** File names of the models beside the page, written in by the build. */
declare const EXAMPLE_FILES: readonly string[];
/** What scripts/first.mjs made; an empty list where nothing was built. */
declare module 'virtual:first-answers' {
  const answers: readonly import('./worker/prepared').Prepared[];
  export default answers;
}
/** The page's version, from its package.json. */
declare const VERSION: string;
