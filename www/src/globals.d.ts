/** File names of the models beside the page, written in by the build. */
declare const EXAMPLE_FILES: readonly string[];
/** The page's version, from its package.json. */
declare const VERSION: string;
