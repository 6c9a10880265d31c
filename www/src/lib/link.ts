/** What a link holds beside the score (crate/src/api/share.rs). Field names are a contract. */

/** Longer ones break in messages: a file is sent instead. */
export const LONGEST_LINK = 8000;

/** A fragment that is a link of any version. */
export const isLink = (fragment: string): boolean => /^#r\d+=/.test(fragment);

/** Files that hold a profile of one's own. */
export const PROFILE_FILE = /\.profile\.json$/i;

/** Files that the page saves for links too long to paste. */
export const LINK_FILE = /\.reluctant(\.txt)?$/i;

/** Files that may hold a plan, and what those that do say of themselves: whatever they are called. */
export const JSON_FILE = /\.json$/i;
export const PLAN_SCHEMA = '"reluctant.plan/';
