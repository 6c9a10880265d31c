/** Light, dark, or as the system says. The choice stays in this browser. */

export type Theme = 'auto' | 'light' | 'dark';
const KEY = 'reluctant.theme';
export const themes: readonly Theme[] = ['auto', 'light', 'dark'];

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'auto';
  } catch {
    return 'auto';
  }
}

class Look {
  theme = $state<Theme>(stored());

  choose(theme: Theme): void {
    this.show(theme);
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
  }

  show(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
  }

  /** As the system says, and nothing of a choice is left. */
  forget(): void {
    this.show('auto');
    try {
      localStorage.removeItem(KEY);
    } catch {
      // There is none.
    }
  }
}

export const look = new Look();
look.show(look.theme);
// Chosen in another tab.
addEventListener('storage', ({ key }) => key === KEY && look.show(stored()));
