/**
 * Starts the page: styles, shell, and the first score (of a link, or an example): there is no empty state. A task each, so
 * that none keeps a press of a key waiting; what is made stays hidden until the last, so that nothing is laid out twice.
 */
import { mount } from 'svelte';
import './app/tokens.css';
import './app/base.css';
import Shell from './app/Shell.svelte';
import { openFirst } from './app/first';
import { warmCore } from './app/warm';
import { turn } from './lib/turn';

async function start(target: HTMLElement): Promise<void> {
  target.hidden = true;
  await turn();
  mount(Shell, { target });
  await turn();
  openFirst();
  await turn();
  target.hidden = false;
  warmCore();
}

const target = document.getElementById('app');
if (target) void start(target);
