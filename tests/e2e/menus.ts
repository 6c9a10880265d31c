/** What tests that choose a protocol or a link share. */
import { expect, type Page } from '@playwright/test';

/** Chooses in a menu, and closes it. */
export async function choose(page: Page, menu: 'protocol' | 'link', label: string | RegExp) {
  await page.getByTestId(`${menu}-menu`).click();
  await page.getByRole('radio', { name: label }).check();
  await page.keyboard.press('Escape');
}

/** Until the figures of the headline are those of a protocol, and none of before. */
export const answered = (page: Page, protocol: string) =>
  expect(page.getByTestId('cost'), `the answer under ${protocol}`).toHaveAttribute('data-protocol', protocol);

/** SEMI2K's figures of the model on the page. */
export async function underSemi2k(page: Page) {
  await choose(page, 'protocol', /SEMI2K/);
  await answered(page, 'semi2k');
}

/** DELPHI's, one click beside what convolutional networks open under. */
export async function underDelphi(page: Page) {
  await page.getByRole('button', { name: /DELPHI, server garbles, as the ReLU papers measured it/ }).click();
  await answered(page, 'delphi:server-garbler');
}

/** A setting of the protocol, in its open menu. */
export const setting = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Protocol' }).first().getByRole('spinbutton', { name, exact: true });
