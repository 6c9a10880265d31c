/**
 * What says at once, before anything is painted, whether something is kept in this browser. The sessions
 * themselves are read later (`store`); storage that is switched off reads as nothing kept.
 */
import type { Source } from '../../worker/client';

/** There is a session. */
const ANY = 'reluctant.kept';
/** With the model's file, where the person asked for it. */
const FILES = 'reluctant.kept.files';
/** Which session is this tab's; it lives as long as the tab, reloads included. */
const TAB = 'reluctant.tab';
/** The link that this tab's session began with. */
const BEGAN = 'reluctant.tab.link';
/** Longer links are opened anew. */
const LONGEST = 100_000;

/** What `read` gives, or null where the browser refuses. */
function tried<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

class Sign {
  /** The source on the page that was brought back from an earlier visit. */
  again = $state.raw<Source | null>(null);
  /** The person wants the model's file to be kept too. */
  files = $state(tried(() => localStorage.getItem(FILES)) === '1');
  /** Forgotten: nothing more is kept until the page is opened anew. */
  paused = $state(false);

  /** Something is kept, of this tab or of another. */
  get any(): boolean {
    return tried(() => localStorage.getItem(ANY)) === '1';
  }

  get tab(): string | null {
    return tried(() => sessionStorage.getItem(TAB));
  }

  /** This tab's session began with this very link, and holds what was changed since. */
  began(link: string): boolean {
    return this.any && this.tab !== null && tried(() => sessionStorage.getItem(BEGAN)) === link;
  }

  keepFiles(on: boolean): void {
    this.files = on;
    tried(() => (on ? localStorage.setItem(FILES, '1') : localStorage.removeItem(FILES)));
  }

  name(tab: string): void {
    tried(() => sessionStorage.setItem(TAB, tab));
  }

  /** Raised when a session is kept; `link` is the address that it began with. */
  raise(link: string | null): void {
    tried(() => localStorage.setItem(ANY, '1'));
    tried(() =>
      link !== null && link.length < LONGEST ? sessionStorage.setItem(BEGAN, link) : sessionStorage.removeItem(BEGAN),
    );
  }

  /** Nothing is kept. */
  lower(): void {
    for (const key of [ANY, FILES]) tried(() => localStorage.removeItem(key));
    for (const key of [TAB, BEGAN]) tried(() => sessionStorage.removeItem(key));
    this.files = false;
  }
}

export const sign = new Sign();

// Another tab forgot: so does this one.
addEventListener('storage', ({ key, newValue }) => {
  if (key === ANY && newValue === null) sign.paused = true;
});
