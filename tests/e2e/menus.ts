/** What tests that choose a protocol or a link share. */
import { expect, type Page } from '@playwright/test';

/** Chooses in a menu, and closes it. */
export async function choose(page: Page, menu: 'protocol' | 'link', label: string | RegExp) {
  await page.getByTestId(`${menu}-menu`).click();
  await page.getByRole('radio', { name: label }).check();
  await page.keyboard.press('Escape');
}

/** SEMI2K's figures of the model on the page. What the page opens with has a set-up, so that no answer of before will do. */
export async function underSemi2k(page: Page) {
  await choose(page, 'protocol', /SEMI2K/);
  await expect(page.getByTestId('cost'), 'the answer under SEMI2K').toContainText('no set-up traffic counted');
}

/** A setting of the protocol, in its open menu. */
export const setting = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Protocol' }).first().getByRole('spinbutton', { name, exact: true });
