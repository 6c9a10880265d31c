/** File names of the models beside the page, written in by the build. */
declare const EXAMPLE_FILES: readonly string[];
/** JSON of what scripts/first.mjs made; an empty list where nothing was built. */
declare module 'virtual:first-answers' {
  const text: string;
  export default text;
}
/** The page's version, from its package.json. */
declare const VERSION: string;
